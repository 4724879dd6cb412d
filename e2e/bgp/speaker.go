package bgp

import (
	"context"
	"fmt"
	"net/netip"

	api "github.com/osrg/gobgp/v4/api"
	"github.com/osrg/gobgp/v4/pkg/server"
)

// noListener is GoBGP's port for a speaker that only dials.
const noListener = -1

// speaker is a running GoBGP. Its address is also its BGP identifier.
type speaker struct {
	server *server.BgpServer
	addr   netip.Addr
	asn    uint32
}

func startSpeaker(ctx context.Context, addr netip.Addr, port int32, asn uint32) (speaker, error) {
	s := speaker{server: server.NewBgpServer(), addr: addr, asn: asn}
	go s.server.Serve()
	err := s.server.StartBgp(ctx, &api.StartBgpRequest{Global: &api.Global{
		Asn:             asn,
		RouterId:        addr.String(),
		ListenAddresses: []string{addr.String()},
		ListenPort:      port,
	}})
	if err != nil {
		s.Stop()
		return speaker{}, err
	}
	return s, nil
}

// Addr is where the speaker's sessions come from, or go to.
func (s speaker) Addr() netip.Addr { return s.addr }

// ASN is the speaker's own AS number.
func (s speaker) ASN() uint32 { return s.asn }

// Stop ends the speaker in the orderly way: it tells its neighbors (RFC 4271 section 6.7).
func (s speaker) Stop() { s.server.Stop() }

func (s speaker) addPeer(ctx context.Context, peer *api.Peer) error {
	if err := s.server.AddPeer(ctx, &api.AddPeerRequest{Peer: peer}); err != nil {
		return fmt.Errorf("adding neighbor %s to %s: %w", peer.Conf.NeighborAddress, s.addr, err)
	}
	return nil
}
