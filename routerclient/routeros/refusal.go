package routeros

import (
	"strings"

	"github.com/peergate/peergate/routerclient"
)

// refusal returns an error if the words are RouterOS' own for an account that lacks a policy, or for a router without
// BGP, and nil otherwise. REST and the command line use the same words.
func refusal(words string) error {
	switch {
	case strings.Contains(words, "not enough permissions"):
		return routerclient.Errorf(routerclient.ReasonPermissionDenied, "the account lacks a policy of RouterOS: %s", words)
	case strings.Contains(words, "bad command name bgp"), strings.Contains(words, "no such command"):
		return routerclient.Errorf(routerclient.ReasonBGPNotRunning, "this RouterOS has no BGP: %s", words)
	}
	return nil
}
