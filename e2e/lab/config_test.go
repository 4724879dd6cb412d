package lab

import (
	"net/netip"
	"path/filepath"
	"testing"
)

// TestConfigs renders one configuration with a bit of everything for the daemons beside FRR.
func TestConfigs(t *testing.T) {
	config := BGP{
		ActiveOnly: true,
		Instances: []Instance{{
			ASN:      64512,
			RouterID: netip.MustParseAddr("192.168.3.1"),
			PeerGroups: []PeerGroup{{
				Name:         "K8S",
				RemoteASN:    64513,
				ListenRanges: []netip.Prefix{netip.MustParsePrefix("192.168.3.32/28"), netip.MustParsePrefix("fd00:3::/64")},
			}},
			Neighbors: []Neighbor{
				{Addr: netip.MustParseAddr("192.168.3.31"), RemoteASN: 64513, Password: "secret"},
				{Addr: netip.MustParseAddr("fd00:4::32"), RemoteASN: 64513, Shutdown: true},
				{Addr: netip.MustParseAddr("10.0.0.2"), PeerGroup: "K8S"},
			},
			Networks: []netip.Prefix{netip.MustParsePrefix("192.168.30.1/32"), netip.MustParsePrefix("fd00:30::1/128")},
		}},
	}
	openbgpd, err := openbgpdConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "openbgpd.conf"), string(openbgpd))

	config.Instances = append(config.Instances, Instance{
		ASN: 64512, VRF: "red", RequirePolicy: true, Neighbors: []Neighbor{{Addr: netip.MustParseAddr("10.9.9.9"), RemoteASN: 64521}},
	})
	golden(t, filepath.Join("testdata", "bird.conf"), string(birdConfig(config)))
	golden(t, filepath.Join("testdata", "gobgpd.conf"), string(gobgpConfig(config)))
	if _, err := openbgpdConfig(config); err == nil {
		t.Error("OpenBGPD took a VRF")
	}
}
