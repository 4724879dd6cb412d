package routerclient_test

import (
	"testing"

	"github.com/peergate/peergate/routerclient"
)

func TestCarries(t *testing.T) {
	families := func(f ...routerclient.Family) []routerclient.Family { return f }
	v4, v6 := routerclient.Family{AFI: routerclient.IPv4}, routerclient.Family{AFI: routerclient.IPv6}
	with := func(f routerclient.Family) routerclient.Family { f.Received = 1; return f }
	const (
		yes     = routerclient.Carried
		no      = routerclient.NotCarried
		unknown = routerclient.CarriageUnknown
	)
	for name, test := range map[string]struct {
		session    routerclient.Session
		ipv4, ipv6 routerclient.Carriage
	}{
		"negotiated, both":                  {routerclient.Session{Families: families(v4, v6), FamiliesNegotiated: true}, yes, yes},
		"negotiated, one":                   {routerclient.Session{Families: families(v6), FamiliesNegotiated: true}, no, yes},
		"negotiated, neither":               {routerclient.Session{FamiliesNegotiated: true}, no, no},
		"configured for both, no prefixes":  {routerclient.Session{Families: families(v4, v6)}, unknown, unknown},
		"configured for both, IPv4 came":    {routerclient.Session{Families: families(with(v4), v6)}, yes, unknown},
		"configured for both, IPv6 came":    {routerclient.Session{Families: families(v4, with(v6))}, unknown, yes},
		"configured for one":                {routerclient.Session{Families: families(v4)}, yes, no},
		"the platform does not say":         {routerclient.Session{}, unknown, unknown},
		"down, as configured":               {routerclient.Session{State: routerclient.Active, Families: families(v4)}, no, no},
		"down, and the platform never says": {routerclient.Session{State: routerclient.Idle}, no, no},
	} {
		t.Run(name, func(t *testing.T) {
			if test.session.State == "" {
				test.session.State = routerclient.Established
			}
			if got := test.session.Carries(routerclient.IPv4); got != test.ipv4 {
				t.Errorf("IPv4: %d, want %d", got, test.ipv4)
			}
			if got := test.session.Carries(routerclient.IPv6); got != test.ipv6 {
				t.Errorf("IPv6: %d, want %d", got, test.ipv6)
			}
		})
	}
}
