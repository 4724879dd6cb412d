package remedy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

func TestNew(t *testing.T) {
	unknown := routerclient.Missing{}
	known := routerclient.Missing{LocalASN: 64512, RemoteASN: 4200000000}
	for name, test := range map[string]struct{ got, want routerclient.Remedy }{
		"known": {
			remedy.New([]string{"router bgp " + remedy.LocalASN(known), "remote-as " + remedy.RemoteASN(known)}, ""),
			routerclient.Remedy{Lines: []string{"router bgp 64512", "remote-as 4200000000"}},
		},
		"unknown": {
			remedy.New([]string{"router bgp " + remedy.LocalASN(unknown), "remote-as " + remedy.RemoteASN(unknown)}, "Upload it."),
			routerclient.Remedy{
				Lines: []string{"router bgp <ASN of the router>", "remote-as <ASN of the nodes>"},
				Note:  "Upload it. Replace <ASN of the router> by the number. Replace <ASN of the nodes> by the number.",
			},
		},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestVRF(t *testing.T) {
	for vrf, want := range map[string]string{"": "", "default": "", "*": "", "red": "red"} {
		if got := remedy.VRF(routerclient.Missing{VRF: vrf}); got != want {
			t.Errorf("VRF of %q = %q, want %q", vrf, got, want)
		}
	}
}
