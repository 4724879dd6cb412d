package platform_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/platform"
	"github.com/peergate/peergate/routerclient/replay"
)

const routerOSFirst = "GET /rest/routing/bgp/connection?.proplist=name,remote.address,remote.as,as,vrf,listen,templates,disabled,inactive"

func TestFirstCommand(t *testing.T) {
	for name, test := range map[string]struct{ plain, prefixed string }{
		"Cumulus":   {`sudo -n vtysh -c "show bgp vrf all summary json"`, `doas vtysh -c "show bgp vrf all summary json"`},
		"EOS":       {`show ip bgp summary vrf all | json`, `show ip bgp summary vrf all | json`},
		"IOS":       {`show bgp all summary`, `show bgp all summary`},
		"IOSXR":     {`show bgp process detail`, `show bgp process detail`},
		"NXOS":      {`show bgp all summary vrf all | json`, `show bgp all summary vrf all | json`},
		"EdgeOS":    {`/opt/vyatta/bin/vyatta-op-cmd-wrapper show ip bgp summary`, `doas /opt/vyatta/bin/vyatta-op-cmd-wrapper show ip bgp summary`},
		"FRR":       {`vtysh -c "show bgp vrf all summary json"`, `doas vtysh -c "show bgp vrf all summary json"`},
		"SONiC":     {`sudo -n rvtysh -c "show bgp vrf all summary json"`, `doas rvtysh -c "show bgp vrf all summary json"`},
		"FortiOS":   {`GET /api/v2/monitor/router/bgp/neighbors?vdom=*`, `GET /api/v2/monitor/router/bgp/neighbors?vdom=*`},
		"OPNsense":  {`GET /api/quagga/diagnostics/bgpsummary`, `GET /api/quagga/diagnostics/bgpsummary`},
		"RouterOS":  {routerOSFirst, routerOSFirst},
		"RouterOS6": {`:put [/system resource get version]`, `:put [/system resource get version]`},
		"Junos":     {`show bgp summary | display xml | no-more`, `show bgp summary | display xml | no-more`},
		"SNMP":      {`walk .1.3.6.1.2.1.15.2`, `walk .1.3.6.1.2.1.15.2`},
		"SRLinux":   {`info with-context from state network-instance * protocols bgp | as json`, `info with-context from state network-instance * protocols bgp | as json`},
		"BIRD":      {`birdc -r -v show protocols`, `doas birdc -r -v show protocols`},
		"GoBGP":     {`gobgp -j global`, `doas gobgp -j global`},
		"OpenBGPD":  {`bgpctl -j show neighbor`, `doas bgpctl -j show neighbor`},
		"UniFi":     {`vtysh -c "show bgp vrf all summary json"`, `doas vtysh -c "show bgp vrf all summary json"`},
		"VyOS":      {`vtysh -c "show bgp vrf all summary json"`, `doas vtysh -c "show bgp vrf all summary json"`},
	} {
		p, found := platform.Lookup(name)
		if !found {
			t.Errorf("no platform %s", name)
			continue
		}
		// A second client must not be touched by the options of the first.
		for _, step := range []struct {
			options platform.Options
			want    string
		}{{platform.Options{CommandPrefix: []string{"doas"}}, test.prefixed}, {platform.Options{}, test.plain}} {
			runner := &replay.Runner{}
			_, _ = p.New(runner, step.options).Snapshot(t.Context())
			if diff := cmp.Diff([]string{step.want}, runner.Asked()); diff != "" {
				t.Errorf("%s with %+v: commands (-want +got):\n%s", name, step.options, diff)
			}
		}
	}
}

func TestEveryPlatformIsWhole(t *testing.T) {
	names := platform.Names()
	if !slices.IsSorted(names) || len(names) == 0 {
		t.Errorf("names %v are not sorted", names)
	}
	for _, name := range names {
		p, found := platform.Lookup(name)
		if !found || p.Name != name || p.New == nil || len(p.Transports) == 0 {
			t.Errorf("platform %s: %+v", name, p)
			continue
		}
		remedy := p.Remedy(routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33")})
		if !slices.ContainsFunc(remedy.Lines, func(line string) bool { return line != "" }) || remedy.Note == "" {
			t.Errorf("platform %s: remedy %+v without lines, or without a note on what is unknown", name, remedy)
		}
	}
}

func TestLookupOfAnUnknownName(t *testing.T) {
	for _, name := range []string{"", "frr", "Frr", "PDP-11"} {
		if p, found := platform.Lookup(name); found {
			t.Errorf("Lookup(%q) = %+v", name, p)
		}
	}
}

func TestUntoldFamilies(t *testing.T) {
	if diff := cmp.Diff([]string{"FortiOS over HTTPS", "SNMP"}, platform.UntoldFamilies()); diff != "" {
		t.Errorf("platforms (-want +got):\n%s", diff)
	}
	fortios, _ := platform.Lookup("FortiOS")
	if fortios.TellsFamilies(platform.HTTPS) || !fortios.TellsFamilies(platform.SSH) {
		t.Error("FortiOS tells families over HTTPS, or not over SSH")
	}
}
