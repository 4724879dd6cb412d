package bgptext

import (
	"bytes"
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient"
)

// NeighborState is the line with which the "neighbors" command of Cisco's systems shows a state.
type NeighborState struct {
	State routerclient.State
	// Qualifier is what stands in parentheses behind the state: "Admin", "No best local address found".
	Qualifier string
	// Uptime is set in state Established only.
	Uptime time.Duration
}

// ParseNeighborState reads such a line, without the space around it:
//
//	BGP state = Established, up for 8w0d                        IOS, IOS XR, NX-OS
//	BGP state = Idle (No best local address found)              IOS XR
//	BGP state = Idle, down for 02:19:37, retry in 0.000000      NX-OS
//
// It is false for any other line, a description that looks like one included.
func ParseNeighborState(line []byte) (NeighborState, bool) {
	words, found := bytes.CutPrefix(line, []byte("BGP state = "))
	if !found {
		return NeighborState{}, false
	}
	word, since, _ := bytes.Cut(words, []byte(","))
	if word = bytes.TrimSpace(word); string(word) != string(routerclient.Established) {
		var s NeighborState
		s.State, s.Qualifier = State(string(word))
		return s, true
	}
	s := NeighborState{State: routerclient.Established}
	if length, up := bytes.CutPrefix(bytes.TrimSpace(since), []byte("up for ")); up {
		s.Uptime, _ = Uptime(string(bytes.TrimSpace(length)))
	}
	return s, true
}

// LastReset reads a line "Last reset 00:01:29, due to session closed" of the same command, without the space around it,
// and returns the reason. That is "" for a session that was never reset, or not for an error. It is false for any other
// line.
func LastReset(line []byte) (reason string, found bool) {
	words, found := bytes.CutPrefix(line, []byte("Last reset "))
	if !found {
		return "", false
	}
	_, due, _ := bytes.Cut(words, []byte(", due to "))
	if reason = string(due); strings.EqualFold(reason, "no error") || reason == "None" {
		reason = ""
	}
	return reason, true
}
