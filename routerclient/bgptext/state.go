package bgptext

import (
	"strings"

	"github.com/peergate/peergate/routerclient"
)

// states are the words of all platforms, folded by foldState. A session that is being torn down ("Clearing", and
// FRR's "Deleted", Cisco's "Closing") is on its way to Idle and has no state of its own in RFC 4271.
var states = map[string]routerclient.State{
	"idle":        routerclient.Idle,
	"clearing":    routerclient.Idle,
	"closing":     routerclient.Idle,
	"deleted":     routerclient.Idle,
	"connect":     routerclient.Connect,
	"active":      routerclient.Active,
	"opensent":    routerclient.OpenSent,
	"openconfirm": routerclient.OpenConfirm,
	"established": routerclient.Established,
	"estab":       routerclient.Established,
}

// State reads a state word such as "Established", "open-confirm", "OPENSENT" or "Idle (Admin)". What stands in
// parentheses after the state comes back as the qualifier, in the router's words: "Admin", "PfxCt", "NoIf".
func State(word string) (state routerclient.State, qualifier string) {
	if word == string(routerclient.Established) {
		// By far the most frequent word needs no more.
		return routerclient.Established, ""
	}
	word, qualifier, _ = strings.Cut(word, "(")
	qualifier = strings.TrimSuffix(strings.TrimSpace(qualifier), ")")
	if state, ok := states[word]; ok {
		return state, qualifier
	}
	if state, ok := states[foldState(word)]; ok {
		return state, qualifier
	}
	return routerclient.Unrecognized, qualifier
}

var separators = strings.NewReplacer(" ", "", "-", "", "_", "")

// foldState drops case, and what platforms put between the parts of a word: "Open sent", "open-sent", "OpenSent".
// The copy spares callers with bytes theirs, as in Addr.
func foldState(word string) string { return separators.Replace(strings.ToLower(strings.Clone(word))) }
