package main

import (
	"embed"

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

// templates are gotextfsm's, written for this comparison: each takes from the text what a session is made of.
//
//go:embed templates
var templates embed.FS

// platform is a driver and what it is compared with.
type platform struct {
	name   string
	client func(routerclient.Runner) routerclient.Client
	// answers are the files of a poll's answers in tables, in the order in which the driver asks for them.
	answers []string
	// status is the exit status of every answer, or the HTTP status.
	status int
	// decode decodes the answers with the standard library, where they have a structure; nil otherwise.
	decode func(answers [][]byte) (neighbors int, err error)
	// texts are the answers that gotextfsm reads: those that the driver takes something from, of a platform that prints
	// text.
	texts []text
}

// text is an answer, by its index, and the file of gotextfsm's template for it.
type text struct {
	template string
	answer   int
}

var platforms = []platform{
	{name: "FRR", client: with(frr.New, frr.Options{}), answers: []string{"frr.json"}, decode: decodeFRR},
	{name: "EdgeOS", client: with(edgeos.New, edgeos.Options{}), answers: []string{"edgeos.txt", "empty.txt"}, texts: []text{{"summary.textfsm", 0}}},
	{
		name: "RouterOS 7, REST", client: with(routeros.New, routeros.Options{Transport: routeros.REST}), status: 200,
		answers: []string{"routeros_connections.json", "routeros_sessions.json"}, decode: decodeRouterOS,
	},
	{
		name: "RouterOS 6, SSH", client: with(routeros.New, routeros.Options{Transport: routeros.SSH}),
		answers: []string{"routeros6_version.txt", "routeros6.txt"}, texts: []text{{"routeros6.textfsm", 1}},
	},
	{name: "OPNsense", client: opnsense.New, status: 200, answers: []string{"opnsense.json"}, decode: decodeOPNsense},
	{name: "EOS", client: with(eos.New, eos.Options{}), answers: []string{"eos_ipv4.json", "eos_ipv6.json"}, decode: decodeEOS},
	{name: "NX-OS", client: with(nxos.New, nxos.Options{}), answers: []string{"nxos.json"}, decode: decodeNXOS},
	{
		name: "IOS", client: with(ios.New, ios.Options{}), answers: []string{"ios_summary.txt", "ios_groups.txt", "ios_neighbors.txt"},
		texts: []text{{"ios_summary.textfsm", 0}, {"ios_neighbors.textfsm", 2}},
	},
	{
		name: "IOS XR", client: with(iosxr.New, iosxr.Options{}), answers: []string{"iosxr_process.txt", "iosxr_neighbors.txt"},
		texts: []text{{"iosxr_neighbors.textfsm", 1}},
	},
	{name: "Junos", client: junos.New, answers: []string{"junos_summary.xml", "junos_neighbors.xml"}, decode: decodeJunos},
	{
		name: "BIRD", client: with(bird.New, bird.Options{}), answers: []string{"bird_list.txt", "bird_all.txt", "bird_status.txt"},
		texts: []text{{"bird.textfsm", 1}},
	},
	{name: "OpenBGPD", client: with(openbgpd.New, openbgpd.Options{}), answers: []string{"openbgpd.json"}, decode: decodeOpenBGPD},
	{
		name: "GoBGP", client: with(gobgp.New, gobgp.Options{}),
		answers: []string{"gobgp_global.json", "gobgp_neighbors.json", "gobgp_table.txt"}, decode: decodeGoBGP,
	},
	{
		name: "FortiOS, REST", client: with(fortios.New, fortios.Options{Transport: fortios.REST}), status: 200,
		answers: []string{"fortios_neighbors.json", "fortios_neighbors6.json", "fortios_config.json"}, decode: decodeFortiOS,
	},
	{name: "SR Linux", client: srlinux.New, answers: []string{"srlinux.json", "srlinux_clock.json"}, decode: decodeSRLinux},
	{name: "SNMP", client: snmp.New, answers: []string{
		"snmp_local_as.txt", "snmp_identifier.txt", "snmp_state.txt", "snmp_admin.txt", "snmp_asn.txt", "snmp_time.txt",
	}},
}

// with fixes the options of a driver.
func with[O any](newClient func(routerclient.Runner, O) routerclient.Client, options O) func(routerclient.Runner) routerclient.Client {
	return func(runner routerclient.Runner) routerclient.Client { return newClient(runner, options) }
}
