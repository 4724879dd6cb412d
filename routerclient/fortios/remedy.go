package fortios

import (
	"net/netip"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Remedy adds the neighbor on FortiOS' command line. Where the siblings are in a neighbor group, a neighbor range for
// the one address puts it there too: FortiOS gives groups to ranges only.
func Remedy(m routerclient.Missing) routerclient.Remedy {
	lines := []string{"config router bgp"}
	if m.PeerGroup != "" {
		lines = append(lines, rangeLines(m)...)
	} else {
		lines = append(lines, "config neighbor", `edit "`+m.Peer.String()+`"`, "set remote-as "+remedy.RemoteASN(m))
	}
	lines = append(lines, "next", "end", "end")
	vdom := remedy.VRF(m)
	if vdom == "" {
		return remedy.New(lines, "If VDOMs are enabled, begin with: config vdom, edit root.", subnet(m))
	}
	return remedy.New(append([]string{"config vdom", "edit " + vdom}, append(lines, "end")...), subnet(m))
}

// subnet is FortiOS' alternative. What its limit of neighbors means while it is 0, as it is by default, depends on the
// release (Fortinet's technical tip 409629).
func subnet(m routerclient.Missing) string {
	entry := "config neighbor-range, edit 0, set prefix <subnet> <netmask>"
	if m.Peer.Is6() {
		entry = "config neighbor-range6, edit 0, set prefix6 <subnet>"
	}
	return remedy.Subnet(entry + `, set neighbor-group "` + remedy.Group(m) +
		`". The group needs a remote-as; if no node comes up, set max-neighbor-num of the range as well.`)
}

// rangeLines begin a new entry, which FortiOS numbers for "edit 0".
func rangeLines(m routerclient.Missing) []string {
	group := `set neighbor-group "` + m.PeerGroup + `"`
	if m.Peer.Is6() {
		return []string{"config neighbor-range6", "edit 0", "set prefix6 " + netip.PrefixFrom(m.Peer, 128).String(), group}
	}
	return []string{"config neighbor-range", "edit 0", "set prefix " + m.Peer.String() + " 255.255.255.255", group}
}
