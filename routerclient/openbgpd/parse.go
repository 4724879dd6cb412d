package openbgpd

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

const action = "reading the neighbors"

// noNeighbors is bgpctl's error for a table without neighbors.
const noNeighbors = "no such neighbor"

// parse reads one of:
//
//	{"neighbors":[{…},…]}
//	{"status":"FAILED","error":"no such neighbor"}
func parse(out routerclient.Output) (*routerclient.Snapshot, error) {
	dec, found := bgpjson.NewDecoder(out.Stdout, '{')
	if !found {
		return nil, withoutJSON(out)
	}
	s := &routerclient.Snapshot{}
	answered, failure := false, ""
	err := bgpjson.Members(dec, func(name string) error {
		switch name {
		case "neighbors":
			answered = true
			return decodeNeighbors(dec, s)
		case "error":
			return dec.Decode(&failure)
		}
		return bgpjson.Skip(dec)
	})
	if err == nil {
		err = bgpjson.End(dec)
	}
	switch {
	case err != nil:
		return nil, bgpjson.Error(action, err)
	case failure != "" && failure != noNeighbors:
		return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: bgpctl says %s", action, bgptext.Printable(failure, maxDetail))
	case failure == "" && !answered:
		return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: no neighbors in the JSON", action)
	}
	return s, nil
}

func decodeNeighbors(dec *json.Decoder, s *routerclient.Snapshot) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('[') {
		return errors.New("something else where the array of neighbors should be")
	}
	for dec.More() {
		var n neighbor
		if err := dec.Decode(&n); err != nil {
			return err
		}
		if err := n.addTo(s); err != nil {
			return fmt.Errorf("neighbor %s: %w", bgptext.Printable(n.RemoteAddr, 64), err)
		}
	}
	_, err = dec.Token()
	return err
}

// withoutJSON is the error for an answer that holds no JSON at all: bgpctl's complaints, or those of what runs it.
func withoutJSON(out routerclient.Output) error {
	words := posixsh.Words(out)
	if refused := posixsh.Refused(out); refused != nil {
		return fmt.Errorf("%s: %w", action, refused)
	}
	switch {
	case strings.Contains(words, "bgpctl: connect:"):
		return routerclient.Errorf(routerclient.ReasonBGPNotRunning, "%s: bgpd is not running: %s", action, words)
	case len(out.Stdout) == 0 && out.ExitStatus == 0:
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: the answer is empty (stderr: %s)", action, words)
	}
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: no JSON in the answer (exit status %d): %s", action, out.ExitStatus, words)
}
