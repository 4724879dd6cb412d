package remedy_test

import (
	"slices"
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

func TestCommon(t *testing.T) {
	s := func(asn uint32, group string) routerclient.Session {
		return routerclient.Session{RemoteASN: asn, PeerGroup: group}
	}
	tests := map[string]struct {
		sessions []routerclient.Session
		want     remedy.Style
	}{
		"none":             {nil, remedy.Style{}},
		"none that says":   {[]routerclient.Session{s(0, "k8s")}, remedy.Style{}},
		"most":             {[]routerclient.Session{s(1, ""), s(64513, "k8s"), s(64513, "k8s"), s(2, "")}, remedy.Style{ASN: 64513, PeerGroup: "k8s"}},
		"as many of each":  {[]routerclient.Session{s(64514, ""), s(64513, "")}, remedy.Style{ASN: 64513}},
		"in groups or not": {[]routerclient.Session{s(64513, "k8s"), s(64513, "")}, remedy.Style{ASN: 64513}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := remedy.Common(slices.Values(test.sessions)); got != test.want {
				t.Errorf("Common = %+v, want %+v", got, test.want)
			}
		})
	}
}
