package verdict

import (
	"net/netip"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/routerclient"
)

// families is a set of address families that the sessions of a node must carry. The empty set is satisfied by any
// session.
type families uint8

const (
	ipv4 families = 1 << iota
	ipv6

	anyFamily    families = 0
	bothFamilies          = ipv4 | ipv6
)

// in is the set in a sentence, with a word between two members.
func (f families) in(word string) string {
	return [...]string{ipv4: "IPv4", ipv6: "IPv6", bothFamilies: "IPv4 " + word + " IPv6"}[f]
}

// families are those that the policy wants of a node.
func (p Policy) families(n Node) families {
	switch p.Families {
	case v1alpha1.FamiliesIPv4:
		return ipv4
	case v1alpha1.FamiliesIPv6:
		return ipv6
	case v1alpha1.FamiliesAll:
		return familiesOf(n.Addresses)
	default:
		return anyFamily
	}
}

func familiesOf(addresses []netip.Addr) families {
	f := anyFamily
	for _, a := range addresses {
		if a.Is4() {
			f |= ipv4
		} else {
			f |= ipv6
		}
	}
	return f
}

// hearing is what the routers say of a node, for each set of address families.
type hearing [bothFamilies + 1][]Answer

// hear asks for what the policies want, each and together.
func hear(in Input) (h hearing, together families) {
	for _, p := range in.Policies {
		wanted := p.families(in.Node)
		h.ask(in, wanted)
		together |= wanted
	}
	h.ask(in, together)
	return h, together
}

func (h *hearing) ask(in Input, wanted families) {
	if h[wanted] != nil {
		return
	}
	for _, e := range in.Routers {
		h[wanted] = append(h[wanted], ask(e, in.Node, wanted, in.Now))
	}
}

// to is what was said to what a policy wants.
func (h *hearing) to(p Policy, n Node) []Answer { return h[p.families(n)] }

// members are the address families that a set can have.
var members = []struct {
	family families
	afi    routerclient.AFI
}{{ipv4, routerclient.IPv4}, {ipv6, routerclient.IPv6}}

// carrying finds, for each of the wanted families, the oldest session that carries it. lacking are the families that no
// session carries, and unknown those of which the router does not say.
func carrying(sessions []Session, wanted families) (carriers []Session, lacking, unknown families) {
	for _, m := range members {
		if wanted&m.family == 0 {
			continue
		}
		carrier, carriage := oldestCarrier(sessions, m.afi)
		switch carriage {
		case routerclient.Carried:
			carriers = append(carriers, carrier)
		case routerclient.NotCarried:
			lacking |= m.family
		default:
			unknown |= m.family
		}
	}
	return carriers, lacking, unknown
}

// oldestCarrier finds the oldest session that carries a family. Where there is none, the family is not carried only if
// that is known of every session.
func oldestCarrier(sessions []Session, afi routerclient.AFI) (Session, routerclient.Carriage) {
	var carriers []Session
	carriage := routerclient.NotCarried
	for _, s := range sessions {
		switch s.Carries(afi) {
		case routerclient.Carried:
			carriers = append(carriers, s)
		case routerclient.CarriageUnknown:
			carriage = routerclient.CarriageUnknown
		}
	}
	if oldest, ok := oldestEstablished(carriers); ok {
		return oldest, routerclient.Carried
	}
	return Session{}, carriage
}
