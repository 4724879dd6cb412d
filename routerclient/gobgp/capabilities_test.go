package gobgp_test

import (
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
)

// TestFamilies has a neighbor that is configured for IPv4 and IPv6, and what it announced.
func TestFamilies(t *testing.T) {
	const (
		ipv4  = `{"type_url":"type.googleapis.com/apipb.MultiProtocolCapability","value":"CgQIARAB"}`
		ipv6  = `{"type_url":"type.googleapis.com/apipb.MultiProtocolCapability","value":"CgQIAhAB"}`
		evpn  = `{"type_url":"type.googleapis.com/apipb.MultiProtocolCapability","value":"CgQIGRBG"}`
		other = `{"type_url":"type.googleapis.com/apipb.FourOctetASNCapability","value":"CIH4Aw=="}`

		carried, not, unknown = routerclient.Carried, routerclient.NotCarried, routerclient.CarriageUnknown
	)
	broken := func(value string) string {
		return `{"type_url":"type.googleapis.com/apipb.MultiProtocolCapability","value":"` + value + `"}`
	}
	for name, test := range map[string]struct {
		state, capabilities string
		ipv4, ipv6          routerclient.Carriage
	}{
		"IPv4":                      {"6", other + "," + ipv4, carried, not},
		"IPv6":                      {"6", ipv6, not, carried},
		"both":                      {"6", ipv4 + "," + ipv6, carried, carried},
		"neither":                   {"6", evpn, not, not},
		"version 4":                 {"6", `{"Cap":{"RouteRefresh":{}}},{"Cap":{"MultiProtocol":{"family":{"afi":2,"safi":1}}}}`, not, carried},
		"version 4, neither":        {"6", `{"Cap":{"MultiProtocol":{"family":{"afi":25,"safi":70}}}}`, not, not},
		"nothing shown":             {"6", other, unknown, unknown},
		"not base64":                {"6", ipv4 + "," + broken("*"), unknown, unknown},
		"no message":                {"6", ipv4 + "," + broken(""), unknown, unknown},
		"a message cut short":       {"6", ipv4 + "," + broken("CgQIARA="), unknown, unknown},
		"a number without end":      {"6", ipv4 + "," + broken("CgII/w=="), unknown, unknown},
		"a number too great":        {"6", ipv4 + "," + broken("CgUI//8EEAE="), unknown, unknown},
		"a field that is not known": {"6", ipv4 + "," + broken("CgQYARAB"), unknown, unknown},
		"not up":                    {"3", ipv4, not, not},
	} {
		peer := `[{"conf":{"neighbor_address":"192.0.2.11"},"state":{"neighbor_address":"192.0.2.11","session_state":` + test.state +
			`,"remote_cap":[` + test.capabilities + `]},"afi_safis":[{"state":{"family":{"afi":1,"safi":1}}},{"state":{"family":{"afi":2,"safi":1}}}]}]`
		got, err := conformance.Ask(t, newClient, answering(peer, header+"192.0.2.11 64513 00:00:09 Any        |        0         0\n"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s := got.Sessions[0]
		if s.Carries(routerclient.IPv4) != test.ipv4 || s.Carries(routerclient.IPv6) != test.ipv6 {
			t.Errorf("%s: IPv4 %v and IPv6 %v, want %v and %v; families %v", name,
				s.Carries(routerclient.IPv4), s.Carries(routerclient.IPv6), test.ipv4, test.ipv6, s.Families)
		}
	}
}
