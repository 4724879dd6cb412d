package openbgpd

import (
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
	scanner, found := bgpjson.NewScanner(out.Stdout, '{')
	if !found {
		return nil, withoutJSON(out)
	}
	var t table
	answered, failure := false, ""
	err := scanner.Object(func(name []byte) error {
		switch string(name) {
		case "neighbors":
			answered = true
			return t.read(scanner)
		case "error":
			return scanner.String(&failure)
		}
		return scanner.Skip()
	})
	if err == nil {
		err = scanner.End()
	}
	switch {
	case err != nil:
		return nil, bgpjson.Error(action, err)
	case failure != "" && failure != noNeighbors:
		return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: bgpctl says %s", action, bgptext.Printable(failure, maxDetail))
	case failure == "" && !answered:
		return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: no neighbors in the JSON", action)
	}
	return &t.snapshot, nil
}

func (t *table) read(scanner *bgpjson.Scanner) error {
	var n neighbor
	return scanner.Array(func() error {
		n.reset()
		if err := n.read(scanner); err != nil {
			return err
		}
		if err := t.add(&n); err != nil {
			return fmt.Errorf("neighbor %s: %w", bgptext.Printable(n.remoteAddr, 64), err)
		}
		return nil
	})
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
