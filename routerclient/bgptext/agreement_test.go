package bgptext_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

func TestAgreement(t *testing.T) {
	const both = ": advertised and received"
	ipv4, ipv6 := routerclient.Family{AFI: routerclient.IPv4, Received: 3}, routerclient.Family{AFI: routerclient.IPv6}
	dual := []routerclient.Family{ipv4, ipv6}
	for name, test := range map[string]struct {
		lines      []string
		configured []routerclient.Family
		want       []routerclient.Family
		negotiated bool
	}{
		"both":                          {[]string{"IPv4 Unicast" + both, "IPv6 Unicast" + both}, dual, dual, true},
		"both, in columns":              {[]string{"IPv4 Unicast:    Yes         Yes", "IPv6 Unicast:\tYes Yes"}, dual, dual, true},
		"one":                           {[]string{"IPv4 Unicast: advertised", "IPv6 Unicast" + both}, dual, []routerclient.Family{ipv6}, true},
		"one, in columns":               {[]string{"IPv4 Unicast: Yes Yes", "IPv6 Unicast: Yes No"}, dual, []routerclient.Family{ipv4}, true},
		"one that the neighbor lacks":   {[]string{"IPv4 Unicast" + both, "IPv6 Unicast: received"}, dual, []routerclient.Family{ipv4}, true},
		"one, to the neighbor alone":    {[]string{"IPv4 Unicast: No Yes", "IPv6 Unicast: Yes Yes"}, dual, []routerclient.Family{ipv6}, true},
		"another only":                  {[]string{"VPNv4 Unicast" + both, "IPv4 Unicast: advertised"}, dual[:1], []routerclient.Family{}, true},
		"of a VPN, not configured here": {[]string{"VPNv4 Unicast" + both}, nil, nil, true},
		"a neighbor that offers none":   {[]string{"IPv4 Unicast: advertised", "IPv6 Unicast: advertised"}, dual, dual, false},
		"a line lost":                   {[]string{"IPv4 Unicast" + both}, dual, dual, false},
		"the end of a line lost":        {[]string{"IPv4 Unicast" + both, "IPv6 Unicast"}, dual, dual, false},
		"words of another release":      {[]string{"IPv4 Unicast" + both, "IPv6 Unicast: withdrawn"}, dual, dual, false},
		"no lines":                      {nil, dual, dual, false},
	} {
		var a bgptext.Agreement
		for _, line := range test.lines {
			if !a.Add([]byte("Address family " + line)) {
				t.Errorf("%s: %q is no line of an agreement", name, line)
			}
		}
		if a.Shown() != (len(test.lines) > 0) {
			t.Errorf("%s: shown %t", name, a.Shown())
		}
		s := routerclient.Session{State: routerclient.Established, Families: append([]routerclient.Family(nil), test.configured...)}
		a.Keep(&s)
		if diff := cmp.Diff(test.want, s.Families); diff != "" || s.FamiliesNegotiated != test.negotiated {
			t.Errorf("%s: negotiated %t, families (-want +got):\n%s", name, s.FamiliesNegotiated, diff)
		}
	}
}

func TestAgreementOfASessionThatIsDown(t *testing.T) {
	var a bgptext.Agreement
	if a.Add([]byte("Address family IPv4 Unicast: advertised and received")); !a.Shown() {
		t.Error("not shown")
	}
	s := routerclient.Session{State: routerclient.OpenConfirm, Families: []routerclient.Family{{AFI: routerclient.IPv6}}}
	if a.Keep(&s); s.FamiliesNegotiated || len(s.Families) != 1 {
		t.Errorf("%+v, want it as it was", s)
	}
}

func TestNoAgreement(t *testing.T) {
	for _, line := range []string{"For Address Family: IPv4 Unicast", "Address families advertised by peer:", "Route refresh: advertised and received(new)", ""} {
		var a bgptext.Agreement
		if a.Add([]byte(line)) || a.Shown() {
			t.Errorf("%q is taken for a line of an agreement", line)
		}
	}
}
