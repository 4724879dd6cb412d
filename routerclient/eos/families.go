package eos

import (
	"slices"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// needsFamilies is true for a session that is up and in both summaries, of which one shows no prefix from it: they list
// a neighbor that is activated in the family, agreed on with the other side or not.
func (n *neighbor) needsFamilies() bool {
	s := n.session
	return s.State == routerclient.Established && len(s.Families) > 1 &&
		slices.ContainsFunc(s.Families, func(f routerclient.Family) bool { return f.Received == 0 })
}

// negotiations reads the answer to showFamilies:
//
//	{"vrfs":{"default":{"peers":{"192.0.2.11":{"peerState":"Established","ipv4Unicast":{"afiSafiState":"negotiated",…},
//	"ipv6Unicast":{"afiSafiState":"advertised",…}},…}}}}
type negotiations struct {
	*bgpjson.Scanner
	t    *table
	read []negotiation
}

// negotiation is what became of the families of a session that is up.
type negotiation struct {
	n     *neighbor
	state routerclient.State
	// shown are the unicast families of which it is said, and agreed those that both sides announced.
	shown, agreed []routerclient.AFI
}

// addFamilies adds what the answer says, if it is whole.
func (t *table) addFamilies(out routerclient.Output) {
	scanner, found := bgpjson.NewScanner(out.Stdout, '{')
	if !found {
		return
	}
	r := negotiations{Scanner: scanner, t: t}
	err := r.Member("vrfs", func() error {
		return r.Map(func(vrf []byte) error {
			i := t.instances[string(vrf)]
			return r.Member("peers", func() error {
				return r.Map(func(name []byte) error { return r.peer(i, string(name)) })
			})
		})
	})
	if err != nil || r.End() != nil {
		return
	}
	for _, is := range r.read {
		is.settle()
	}
}

// afis are the unicast families by the name that they have there.
var afis = map[string]routerclient.AFI{"ipv4Unicast": routerclient.IPv4, "ipv6Unicast": routerclient.IPv6}

func (r *negotiations) peer(i *instance, name string) error {
	var is negotiation
	err := r.Object(func(member []byte) error {
		if string(member) == "peerState" {
			word, err := r.Text()
			is.state, _ = bgptext.State(string(word))
			return err
		}
		afi, isUnicast := afis[string(member)]
		if !isUnicast {
			return r.Skip()
		}
		return r.Member("afiSafiState", func() error {
			word, err := r.Text()
			is.shown = append(is.shown, afi)
			if strings.EqualFold(string(word), "negotiated") {
				is.agreed = append(is.agreed, afi)
			}
			return err
		})
	})
	if i != nil && i.byName[name] != nil {
		is.n = i.byName[name]
		r.read = append(r.read, is)
	}
	return err
}

// settle leaves the session only those of its families that were agreed on, if that is said of all of them.
func (is negotiation) settle() {
	s := &is.n.session
	if s.State != routerclient.Established || is.state != routerclient.Established ||
		slices.ContainsFunc(s.Families, func(f routerclient.Family) bool { return !slices.Contains(is.shown, f.AFI) }) {
		return
	}
	s.FamiliesNegotiated = true
	s.Families = slices.DeleteFunc(s.Families, func(f routerclient.Family) bool { return !slices.Contains(is.agreed, f.AFI) })
}
