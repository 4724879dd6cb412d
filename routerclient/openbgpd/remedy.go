package openbgpd

import (
	"fmt"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

const configFile = "/etc/bgpd.conf"

// Remedy appends a neighbor to OpenBGPD's configuration, which has no other way to add one, and has it read again. A
// line cannot be appended to a group's block from a shell, so the neighbor gets its AS number outside of it.
func Remedy(m routerclient.Missing) routerclient.Remedy {
	neighbor := fmt.Sprintf("neighbor %s { remote-as %s }", m.Peer, remedy.RemoteASN(m))
	group := ""
	if m.PeerGroup != "" {
		group = fmt.Sprintf("The siblings are in group %q: write the neighbor at the end of its block instead, if it is to have the group's other settings.", m.PeerGroup)
	}
	return remedy.New([]string{"echo '" + neighbor + "' >>" + configFile, "bgpctl reload"}, "Type it as root.", group,
		remedy.Subnet(fmt.Sprintf("neighbor <subnet> { remote-as %s }", remedy.RemoteASN(m))))
}
