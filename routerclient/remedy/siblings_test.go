package remedy_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

func TestCommon(t *testing.T) {
	s := func(asn uint32, group string) routerclient.Session {
		return routerclient.Session{VRF: "default", Peer: netip.MustParseAddr("192.0.2.1"), RemoteASN: asn, PeerGroup: group}
	}
	six := func(asn uint32, group string) routerclient.Session {
		return routerclient.Session{VRF: "default", Peer: netip.MustParseAddr("2001:db8::1"), RemoteASN: asn, PeerGroup: group}
	}
	red := s(64513, "k8s")
	red.VRF = "red"
	style := func(asn uint32, group string) remedy.Style {
		return remedy.Style{VRF: "default", ASN: asn, PeerGroup: group}
	}
	tests := map[string]struct {
		sessions []routerclient.Session
		want     remedy.Style
	}{
		"none":             {nil, remedy.Style{}},
		"none that says":   {[]routerclient.Session{s(0, "k8s")}, remedy.Style{}},
		"most":             {[]routerclient.Session{s(1, ""), s(64513, "k8s"), s(64513, "k8s"), s(2, "")}, style(64513, "k8s")},
		"as many of each":  {[]routerclient.Session{s(64514, ""), s(64513, "")}, style(64513, "")},
		"in groups or not": {[]routerclient.Session{s(64513, "k8s"), s(64513, "")}, style(64513, "")},
		"in two VRFs":      {[]routerclient.Session{red, s(64513, "k8s"), red}, remedy.Style{VRF: "red", ASN: 64513, PeerGroup: "k8s"}},
		"of both families": {[]routerclient.Session{six(64513, "k8s-6"), six(64513, "k8s-6"), s(64513, "k8s")}, style(64513, "k8s")},
		"of the other one": {[]routerclient.Session{six(64513, "k8s")}, style(64513, "k8s")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := remedy.Common(netip.MustParseAddr("192.0.2.9"), slices.Values(test.sessions)); got != test.want {
				t.Errorf("Common = %+v, want %+v", got, test.want)
			}
		})
	}
}
