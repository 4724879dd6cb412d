package lab

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestFRRConfig(t *testing.T) {
	for name, c := range map[string]BGP{
		"neighbors": {Instances: []Instance{{
			ASN:      64512,
			RouterID: netip.MustParseAddr("192.168.3.1"),
			Neighbors: []Neighbor{
				{Addr: netip.MustParseAddr("192.168.3.31"), RemoteASN: 64512},
				{Addr: netip.MustParseAddr("fd00:3::32"), RemoteASN: 64513, Shutdown: true},
			},
			Networks: []netip.Prefix{netip.MustParsePrefix("192.168.30.1/32"), netip.MustParsePrefix("fd00:30::1/128")},
		}}},
		"peergroup": {Instances: []Instance{{
			ASN:                64512,
			RequirePolicy:      true,
			ActivateExplicitly: true,
			PeerGroups: []PeerGroup{{
				Name:         "K8S",
				RemoteASN:    64513,
				ListenRanges: []netip.Prefix{netip.MustParsePrefix("192.168.3.0/24"), netip.MustParsePrefix("fd00:3::/64")},
			}},
			Neighbors: []Neighbor{{Addr: netip.MustParseAddr("10.0.0.2"), PeerGroup: "K8S"}},
		}}},
		"vrf": {Instances: []Instance{
			{ASN: 64512},
			{ASN: 64520, VRF: "red", Neighbors: []Neighbor{{Addr: netip.MustParseAddr("10.9.9.9"), RemoteASN: 64521}}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, filepath.Join("testdata", name+".conf"), string(frrConfig(c)))
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
