package bgptext

import (
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
func ParseNeighborState(line string) (NeighborState, bool) {
	words, found := strings.CutPrefix(line, "BGP state = ")
	if !found {
		return NeighborState{}, false
	}
	return neighborState(words), true
}

func neighborState(words string) NeighborState {
	word, since, _ := strings.Cut(words, ",")
	var s NeighborState
	s.State, s.Qualifier = State(strings.TrimSpace(word))
	if length, up := strings.CutPrefix(strings.TrimSpace(since), "up for "); up && s.State == routerclient.Established {
		s.Uptime, _ = Uptime(strings.TrimSpace(length))
	}
	return s
}

// LastReset reads a line "Last reset 00:01:29, due to session closed" of the same command, without the space around it,
// and returns the reason. That is "" for a session that was never reset, or not for an error. It is false for any other
// line.
func LastReset(line string) (reason string, found bool) {
	words, found := strings.CutPrefix(line, "Last reset ")
	if !found {
		return "", false
	}
	return resetReason(words), true
}

func resetReason(words string) string {
	_, reason, _ := strings.Cut(words, ", due to ")
	if strings.EqualFold(reason, "no error") || reason == "None" {
		return ""
	}
	return reason
}
