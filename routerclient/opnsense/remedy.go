package opnsense

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Remedy adds the neighbor in OPNsense's web interface, which owns FRR's configuration. The plugin activates the address
// family of the neighbor's address by itself.
func Remedy(m routerclient.Missing) routerclient.Remedy {
	return remedy.New([]string{
		"Open Routing > BGP > Neighbors and click +",
		"Enabled: checked",
		"Peer-IP: " + m.Peer.String(),
		"Remote AS: " + remedy.RemoteASN(m),
		"Click Save, then Apply",
	}, "Typed in vtysh the neighbor would be lost when OPNsense writes FRR's configuration again.")
}
