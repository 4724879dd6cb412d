package gobgp

import (
	"fmt"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Remedy adds the neighbor to the running gobgpd, which forgets it when it ends, and says what its file needs to keep it.
func Remedy(m routerclient.Missing) routerclient.Remedy {
	line := fmt.Sprintf("gobgp neighbor add %s as %s", m.Peer, remedy.RemoteASN(m))
	if vrf := remedy.VRF(m); vrf != "" {
		line += " vrf " + vrf
	}
	group := ""
	if m.PeerGroup != "" {
		group = fmt.Sprintf(", peer-group = %q", m.PeerGroup)
	}
	return remedy.New([]string{line}, fmt.Sprintf(
		"gobgpd forgets this when it restarts. In its configuration file, add [[neighbors]] with [neighbors.config] neighbor-address = \"%s\", peer-as = %s%s.",
		m.Peer, remedy.RemoteASN(m), group)+
		" A node inside one of gobgpd's dynamic-neighbors needs neither: gobgp does not show those, so look whether its speaker connects.")
}
