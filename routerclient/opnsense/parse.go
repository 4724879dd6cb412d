package opnsense

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/frr"
	"github.com/peergate/peergate/routerclient/httpapi"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// parseSummary reads the answer to getSummary, {"response":{"ipv4Unicast":{…},…}}.
func parseSummary(out routerclient.Output) (*frr.Table, error) {
	const action = "reading the BGP summary"
	if out.ExitStatus == http.StatusNotFound {
		return nil, routerclient.Errorf(routerclient.ReasonBGPNotRunning, "%s: is the plugin os-frr installed? %w", action, httpapi.CheckStatus(out))
	}
	if err := httpapi.CheckStatus(out); err != nil {
		return nil, fmt.Errorf("%s: %w", action, err)
	}
	response, err := unwrap(out, action)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(response, []byte("[]")) {
		return nil, routerclient.Errorf(routerclient.ReasonBGPNotRunning,
			"%s: FRR shows nothing: BGP is not enabled (Routing > BGP), it has no neighbor yet, or FRR is stopped", action)
	}
	scanner, found := bgpjson.NewScanner(repaired(response), '{')
	if !found {
		return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: the response is no object: %s", action, posixsh.Words(out))
	}
	table, err := frr.ReadTable(scanner)
	if err != nil {
		return nil, bgpjson.Error(action, err)
	}
	return table, nil
}

// addDetails adds what the answer to getNeighbors says, as far as it goes.
func addDetails(table *frr.Table, out routerclient.Output) {
	if httpapi.CheckStatus(out) != nil {
		return
	}
	if response, err := unwrap(out, "reading the BGP neighbors"); err == nil {
		table.AddDetails(json.NewDecoder(bytes.NewReader(repaired(response))))
	}
}

// unwrap returns FRR's JSON from an answer of OPNsense, which must be whole.
func unwrap(out routerclient.Output, action string) ([]byte, error) {
	dec, found := bgpjson.NewDecoder(out.Stdout, '{')
	if !found {
		return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: no JSON in the answer: %s", action, posixsh.Words(out))
	}
	var response json.RawMessage
	err := bgpjson.Members(dec, func(name string) error {
		if name == "response" {
			return dec.Decode(&response)
		}
		return bgpjson.Skip(dec)
	})
	if err == nil {
		err = bgpjson.End(dec)
	}
	switch {
	case err != nil:
		return nil, bgpjson.Error(action, err)
	case response == nil:
		return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: no response in the answer: %s", action, posixsh.Words(out))
	}
	return bytes.TrimSpace(response), nil
}

// objects are the members of FRR's JSON that may be empty objects, as far as they are read.
var objects = []string{"peers", "neighborCapabilities", "multiprotocolExtensions"}

// repaired is FRR's JSON that went through PHP, which turns an empty object into an empty array.
func repaired(response []byte) []byte {
	for _, name := range objects {
		if array := []byte(`"` + name + `":[]`); bytes.Contains(response, array) {
			response = bytes.ReplaceAll(response, array, []byte(`"`+name+`":{}`))
		}
	}
	return response
}
