package bgptext

import (
	"bytes"
	"slices"

	"github.com/peergate/peergate/routerclient"
)

// Agreement is which address families the two sides of a session offer each other, as the "neighbors" command of Cisco's
// systems lists them among the capabilities. The zero Agreement is that of a neighbor without such lines.
type Agreement struct{ named, agreed familySet }

type familySet uint8

const (
	ipv4Unicast familySet = 1 << iota
	ipv6Unicast
	otherFamily
)

// setOf returns the set of the one family that routes of afi are of.
func setOf(afi routerclient.AFI) familySet {
	if afi == routerclient.IPv4 {
		return ipv4Unicast
	}
	return ipv6Unicast
}

// Add takes what such a line says of a family, without the space around it, and is false for any other line:
//
//	Address family IPv4 Unicast: advertised and received     IOS, IOS XR
//	Address family IPv6 Unicast: advertised                  the same
//	Address family IPv4 Unicast:    Yes         Yes          newer IOS XR: advertised, received
func (a *Agreement) Add(line []byte) bool {
	words, found := bytes.CutPrefix(line, []byte("Address family "))
	if !found {
		return false
	}
	name, offered, _ := bytes.Cut(words, []byte(":"))
	mutual, known := isMutual(offered)
	if !known {
		return true
	}
	family := otherFamily
	switch string(name) {
	case "IPv4 Unicast":
		family = ipv4Unicast
	case "IPv6 Unicast":
		family = ipv6Unicast
	}
	a.named |= family
	if mutual {
		a.agreed |= family
	}
	return true
}

// isMutual does not know words that are cut off, nor those of a release that has others.
func isMutual(offered []byte) (mutual, known bool) {
	switch string(bytes.TrimSpace(offered)) {
	case "advertised and received":
		return true, true
	case "advertised", "received":
		return false, true
	}
	word, rest := CutWord(offered)
	advertised, knowsAdvertised := isYes(word)
	word, _ = CutWord(rest)
	received, knowsReceived := isYes(word)
	return advertised && received, knowsAdvertised && knowsReceived
}

func isYes(word []byte) (yes, known bool) {
	yes = string(word) == "Yes"
	return yes, yes || string(word) == "No"
}

// Shown is true if any family is offered. There is none without a session.
func (a Agreement) Shown() bool { return a.named != 0 }

// Keep leaves to a session, of the families that it is configured for, those that both sides have agreed on. It leaves
// all if that is not known of each: a neighbor that knows nothing of RFC 4760 offers none, and has IPv4 all the same.
func (a Agreement) Keep(s *routerclient.Session) {
	if s.State != routerclient.Established || a.agreed == 0 {
		return
	}
	for _, f := range s.Families {
		if a.named&setOf(f.AFI) == 0 {
			return
		}
	}
	s.FamiliesNegotiated = true
	s.Families = slices.DeleteFunc(s.Families, func(f routerclient.Family) bool { return a.agreed&setOf(f.AFI) == 0 })
}
