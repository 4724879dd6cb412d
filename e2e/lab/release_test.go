package lab_test

import (
	"context"
	"strings"
	"testing"

	"github.com/peergate/peergate/e2e/lab"
)

// TestRelease: a host runs the programs of its own release, beside others that run the machine's.
func TestRelease(t *testing.T) {
	l := lab.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	for version, release := range map[string]lab.Release{"8.": lab.Machine, "10.": lab.Debian13} {
		edge := l.NewRouter(lab.Spec{
			Name: "frr" + version[:1], Addrs: prefixes("192.168.3.1/24"), Daemon: lab.FRR{}, Release: release,
			BGP: lab.BGP{Instances: []lab.Instance{{ASN: routerASN}}},
		})
		got, err := edge.Type(ctx, "show version")
		check(t, err)
		if want := "FRRouting " + version; !strings.Contains(got, want) {
			t.Errorf("a router of release %q runs %q, want %s", release, got, want)
		}
	}
}
