package bird

import (
	"fmt"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

const configFile = "/etc/bird/bird.conf"

// Remedy appends a protocol to BIRD's configuration, which has no other way to add a neighbor, and has it read again.
// The protocol takes all routes and gives none: BIRD refuses an eBGP neighbor without a word on either (RFC 8212).
func Remedy(m routerclient.Missing) routerclient.Remedy {
	vrf := ""
	if name := remedy.VRF(m); name != "" {
		vrf = fmt.Sprintf("vrf %q; ", name)
	}
	family := "ipv4"
	if m.Peer.Is6() {
		family = "ipv6"
	}
	protocol := fmt.Sprintf("protocol bgp %s { %slocal as %s; neighbor %s as %s; %s { import all; export none; }; }",
		protocolName(m), vrf, remedy.LocalASN(m), m.Peer, remedy.RemoteASN(m), family)
	return remedy.New(
		[]string{"echo '" + protocol + "' >>" + configFile, "birdc configure"},
		"Type it as root. Where the configuration is in another file than "+configFile+", or a node's siblings are made from a template, "+
			"write the protocol there, in their style.",
		remedy.Subnet(fmt.Sprintf("neighbor range <subnet> as %s; in place of the neighbor.", remedy.RemoteASN(m))))
}

// protocolName makes a word of BIRD's from the address.
func protocolName(m routerclient.Missing) string {
	return "node_" + strings.NewReplacer(".", "_", ":", "_").Replace(m.Peer.String())
}
