// Package platform holds the one list of the platforms that Peergate can ask. It is apart from package routerclient
// because the drivers import that.
package platform

import (
	"maps"
	"slices"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bird"
	"github.com/peergate/peergate/routerclient/edgeos"
	"github.com/peergate/peergate/routerclient/eos"
	"github.com/peergate/peergate/routerclient/fortios"
	"github.com/peergate/peergate/routerclient/frr"
	"github.com/peergate/peergate/routerclient/gobgp"
	"github.com/peergate/peergate/routerclient/ios"
	"github.com/peergate/peergate/routerclient/iosxr"
	"github.com/peergate/peergate/routerclient/junos"
	"github.com/peergate/peergate/routerclient/nxos"
	"github.com/peergate/peergate/routerclient/openbgpd"
	"github.com/peergate/peergate/routerclient/opnsense"
	"github.com/peergate/peergate/routerclient/routeros"
	"github.com/peergate/peergate/routerclient/snmp"
	"github.com/peergate/peergate/routerclient/srlinux"
)

// Transport is the way to a router.
type Transport string

// The transports that platforms are reached by.
const (
	SSH   Transport = "SSH"
	HTTPS Transport = "HTTPS"
	SNMP  Transport = "SNMP"
)

// Options are what a BGPRouter says beyond how to reach it.
type Options struct {
	// CommandPrefix comes before the command that is run on the router, one word an element, and replaces the
	// platform's own prefix where it has one.
	CommandPrefix []string
	// VRF is the one VRF that matters, or "*" or "" for every one. Drivers may skip what it makes needless.
	VRF string
	// Transport is how the runner reaches the router; "" stands for the platform's usual one.
	Transport Transport
}

// Platform is a kind of router.
type Platform struct {
	// Name is the value of BGPRouter's spec.platform.
	Name string
	// Transports are the ways to the router, the usual one first.
	Transports []Transport
	// OneCommandPerConnection is true for platforms that close an SSH connection with the first channel on it.
	OneCommandPerConnection bool
	// Shell is true for platforms whose commands a shell runs, so that a command can have a prefix.
	Shell bool
	// familiesUntold are the transports whose answers do not say which address families a session carries.
	familiesUntold []Transport
	// New returns a client that asks the router through a runner of one of the platform's transports.
	New func(routerclient.Runner, Options) routerclient.Client
	// Remedy says what to type to add a neighbor.
	Remedy func(routerclient.Missing) routerclient.Remedy
}

var (
	overSSH   = []Transport{SSH}
	overHTTPS = []Transport{HTTPS}
	overBoth  = []Transport{HTTPS, SSH}
	overSNMP  = []Transport{SNMP}
)

var platforms = map[string]Platform{
	"BIRD":     {Transports: overSSH, Shell: true, New: newBIRD, Remedy: bird.Remedy},
	"Cumulus":  {Transports: overSSH, Shell: true, New: newFRR("vtysh", "sudo", "-n"), Remedy: frr.RemedyCumulus},
	"EOS":      {Transports: overSSH, New: newEOS, Remedy: eos.Remedy},
	"EdgeOS":   {Transports: overSSH, Shell: true, New: newEdgeOS, Remedy: edgeos.Remedy},
	"FRR":      {Transports: overSSH, Shell: true, New: newFRR("vtysh"), Remedy: frr.Remedy},
	"FortiOS":  {Transports: overBoth, familiesUntold: overHTTPS, New: newFortiOS, Remedy: fortios.Remedy},
	"GoBGP":    {Transports: overSSH, Shell: true, New: newGoBGP, Remedy: gobgp.Remedy},
	"IOS":      {Transports: overSSH, OneCommandPerConnection: true, New: newIOS, Remedy: ios.Remedy},
	"IOSXR":    {Transports: overSSH, OneCommandPerConnection: true, New: newIOSXR, Remedy: iosxr.Remedy},
	"Junos":    {Transports: overSSH, New: withoutOptions(junos.New), Remedy: junos.Remedy},
	"NXOS":     {Transports: overSSH, New: newNXOS, Remedy: nxos.Remedy},
	"OPNsense": {Transports: overHTTPS, New: withoutOptions(opnsense.New), Remedy: opnsense.Remedy},
	"OpenBGPD": {Transports: overSSH, Shell: true, New: newOpenBGPD, Remedy: openbgpd.Remedy},
	"RouterOS": {Transports: overBoth, New: newRouterOS, Remedy: routeros.Remedy},
	// RouterOS 6 has no REST, and takes other lines.
	"RouterOS6": {Transports: overSSH, New: newRouterOS6, Remedy: routeros.Remedy6},
	"SNMP":      {Transports: overSNMP, familiesUntold: overSNMP, New: withoutOptions(snmp.New), Remedy: snmp.Remedy},
	"SRLinux":   {Transports: overSSH, New: withoutOptions(srlinux.New), Remedy: srlinux.Remedy},
	// SONiC's sudoers lets every user run rvtysh, its read-only vtysh.
	"SONiC": {Transports: overSSH, Shell: true, New: newFRR("rvtysh", "sudo", "-n"), Remedy: frr.RemedySONiC},
	"UniFi": {Transports: overSSH, Shell: true, New: newFRR("vtysh"), Remedy: frr.RemedyUniFi},
	"VyOS":  {Transports: overSSH, Shell: true, New: newFRR("vtysh"), Remedy: frr.RemedyVyOS},
}

// Transport is the transport of that name, or the platform's usual one if the name is empty.
func (p Platform) Transport(name string) (Transport, bool) {
	if name == "" {
		return p.Transports[0], true
	}
	return Transport(name), slices.Contains(p.Transports, Transport(name))
}

// TellsFamilies is true if what is answered over a transport says which address families a session carries.
func (p Platform) TellsFamilies(t Transport) bool { return !slices.Contains(p.familiesUntold, t) }

// UntoldFamilies are the platforms that do not tell families, sorted, each with the transport where another does:
// "FortiOS over HTTPS".
func UntoldFamilies() []string {
	var untold []string
	for name, p := range platforms {
		for _, t := range p.familiesUntold {
			if len(p.Transports) > 1 {
				name += " over " + string(t)
			}
			untold = append(untold, name)
		}
	}
	return slices.Sorted(slices.Values(untold))
}

// Lookup returns the platform of that name, in exactly that spelling.
func Lookup(name string) (Platform, bool) {
	p, found := platforms[name]
	p.Name = name
	return p, found
}

// Names returns the names of all platforms, sorted.
func Names() []string { return slices.Sorted(maps.Keys(platforms)) }
