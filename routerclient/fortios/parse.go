package fortios

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/httpapi"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// maxName bounds the names that are taken from a router, in bytes.
const maxName = 100

// answer is what the API says of one VDOM.
type answer[T any] struct {
	Results *T     `json:"results"`
	VDOM    string `json:"vdom"`
	Status  string `json:"status"`
}

// neighbor is what the router knows of one at this moment.
type neighbor struct {
	IP          string `json:"neighbor_ip"`
	RemoteAS    asn    `json:"remote_as"`
	AdminStatus *bool  `json:"admin_status"`
	State       string `json:"state"`
}

// config is what is configured of BGP in a VDOM, as far as it matters here.
type config struct {
	AS        asn    `json:"as"`
	RouterID  string `json:"router-id"`
	Neighbors []struct {
		IP       string `json:"ip"`
		RemoteAS asn    `json:"remote-as"`
		Shutdown string `json:"shutdown"`
	} `json:"neighbor"`
	Ranges []struct {
		Prefix string `json:"prefix"`
		Group  string `json:"neighbor-group"`
	} `json:"neighbor-range"`
	Ranges6 []struct {
		Prefix string `json:"prefix6"`
		Group  string `json:"neighbor-group"`
	} `json:"neighbor-range6"`
}

// asn is an AS number, or 0 for an empty string.
type asn uint32

// UnmarshalJSON implements [json.Unmarshaler].
func (a *asn) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte(`""`)) {
		*a = 0
		return nil
	}
	return (*bgpjson.ASN)(a).UnmarshalJSON(b)
}

// parse reads an answer, an array with an element for each VDOM, or the element alone where FortiOS has no VDOMs.
func parse[T any](out routerclient.Output, action string) (map[string]T, error) {
	if err := checkStatus(out); err != nil {
		return nil, fmt.Errorf("%s: %w", action, err)
	}
	body := bytes.TrimSpace(bgptext.Clean(out.Stdout))
	if len(body) == 0 || body[0] != '[' && body[0] != '{' {
		return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: no JSON in the answer: %s", action, posixsh.Words(out))
	}
	answers, err := decode[T](body)
	if err != nil {
		return nil, bgpjson.Error(action, err)
	}
	results := map[string]T{}
	for _, a := range answers {
		if err := a.check(); err != nil {
			return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: %w", action, err)
		}
		if _, twice := results[a.VDOM]; twice {
			return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: VDOM %s comes twice", action, bgptext.Printable(a.VDOM, maxName))
		}
		results[a.VDOM] = *a.Results
	}
	return results, nil
}

func checkStatus(out routerclient.Output) error {
	err := httpapi.CheckStatus(out)
	if out.ExitStatus == http.StatusNotFound {
		return fmt.Errorf("is this FortiOS 7.0 or later? %w", err)
	}
	return err
}

func decode[T any](body []byte) ([]answer[T], error) {
	if err := bgpjson.CheckSizes(body); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	var answers []answer[T]
	if body[0] == '{' {
		answers = make([]answer[T], 1)
		if err := dec.Decode(&answers[0]); err != nil {
			return nil, err
		}
	} else if err := dec.Decode(&answers); err != nil {
		return nil, err
	}
	return answers, bgpjson.End(dec)
}

func (a answer[T]) check() error {
	switch {
	case a.VDOM == "":
		return errors.New("results without a VDOM")
	case a.Status != "" && a.Status != "success":
		return fmt.Errorf("VDOM %s: status %s", bgptext.Printable(a.VDOM, maxName), bgptext.Printable(a.Status, maxName))
	case a.Results == nil:
		return fmt.Errorf("VDOM %s: no results", bgptext.Printable(a.VDOM, maxName))
	}
	return nil
}
