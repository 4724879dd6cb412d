package frr

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// peerGroup is a member of the answer to showPeerGroups. DynamicRanges are by "IPv4" and "IPv6", Members by neighbor.
type peerGroup struct {
	RemoteAS      bgpjson.ASN `json:"remoteAs"`
	DynamicRanges map[string]struct {
		Count  int            `json:"count"`
		Ranges []netip.Prefix `json:"ranges"`
	} `json:"dynamicRanges"`
	Members map[string]struct {
		Status  string `json:"status"`
		Dynamic bool   `json:"dynamic"`
	} `json:"members"`
}

// parsePeerGroups reads the answers to showPeerGroups of the instances, one JSON object each, into them.
//
// A release too old for the command (VyOS 1.3's FRR 7.5, say) shows no listen ranges in any way fit for a program. It
// is taken to have none: a node inside one is then said not to be configured, rather than not connected.
func parsePeerGroups(out routerclient.Output, instances []*instance) error {
	const action = "reading the listen ranges"
	dec, found, err := bgpjson.NewBoundedDecoder(out.Stdout, '{')
	switch {
	case err != nil:
		return bgpjson.Error(action, err)
	case !found && strings.Contains(string(out.Stdout), "% Unknown command"):
		return nil
	case !found:
		return withoutJSON(action, out)
	}
	for _, instance := range instances {
		if err := instance.decodePeerGroups(dec); err != nil {
			return bgpjson.Error(action, fmt.Errorf("VRF %s: %w", instance.vrf, err))
		}
	}
	if err := bgpjson.End(dec); err != nil {
		return bgpjson.Error(action, err)
	}
	return nil
}

func (i *instance) decodePeerGroups(dec *json.Decoder) error {
	return bgpjson.Members(dec, func(name string) error {
		var group peerGroup
		if err := dec.Decode(&group); err != nil {
			return err
		}
		name = bgptext.Printable(name, maxDetail)
		if err := i.addListenRanges(name, group); err != nil {
			return fmt.Errorf("peer group %s: %w", name, err)
		}
		return i.addMembers(name, group)
	})
}

func (i *instance) addListenRanges(name string, group peerGroup) error {
	for _, family := range slices.Sorted(maps.Keys(group.DynamicRanges)) {
		ranges := group.DynamicRanges[family]
		if len(ranges.Ranges) != ranges.Count {
			return routerclient.Errorf(routerclient.ReasonAnswerTruncated,
				"%d %s ranges where the router counts %d", len(ranges.Ranges), family, ranges.Count)
		}
		for _, prefix := range ranges.Ranges {
			if !prefix.IsValid() {
				return fmt.Errorf("an empty %s range", family)
			}
			if err := routerclient.CheckSessions(len(i.listenRanges) + 1); err != nil {
				return err
			}
			i.listenRanges = append(i.listenRanges, routerclient.ListenRange{VRF: i.vrf, Prefix: prefix.Masked(), PeerGroup: name})
		}
	}
	return nil
}

// addMembers notes the group of each neighbor, and adds those that the summary does not show because they are activated
// in no address family.
func (i *instance) addMembers(name string, group peerGroup) error {
	for _, member := range slices.Sorted(maps.Keys(group.Members)) {
		is := group.Members[member]
		if known, found := i.byName[member]; found {
			known.session.PeerGroup = name
			continue
		}
		if err := checkName(member); err != nil {
			return err
		}
		shown := summaryPeer{remoteAS: uint32(group.RemoteAS), state: []byte(is.Status), dynamic: is.Dynamic}
		session, err := shown.session(i.vrf, member)
		if err != nil {
			return fmt.Errorf("member %s: %w", member, err)
		}
		session.PeerGroup = name
		if err := routerclient.CheckSessions(len(i.neighbors) + 1); err != nil {
			return err
		}
		i.add(&neighbor{name: member, session: session})
	}
	return nil
}
