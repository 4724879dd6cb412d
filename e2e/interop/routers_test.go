package interop_test

import (
	"slices"

	"github.com/peergate/peergate/e2e/lab"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bird"
	"github.com/peergate/peergate/routerclient/frr"
	"github.com/peergate/peergate/routerclient/gobgp"
	"github.com/peergate/peergate/routerclient/openbgpd"
)

// router is a platform under test, with what differs from one to the other.
type router struct {
	name   string
	daemon lab.Daemon
	// release is where the router's programs are from; nodes run the machine's.
	release lab.Release
	client  func(routerclient.Runner) routerclient.Client
	remedy  func(routerclient.Missing) routerclient.Remedy
	// forbidden is what Peergate's account may not run.
	forbidden []string
	// badASN is in the router's words on a neighbor of another AS than configured; "" where it has none.
	badASN string
	// hidesRanges is true where the listen ranges cannot be read.
	hidesRanges bool
	// forgets is true where what the remedy adds is lost with the next restart.
	forgets bool
}

var routers = slices.Concat(current, newer)

// newer are the same daemons in versions that are newer by years.
var newer = []router{
	current[0].from("FRR 10", lab.Debian13),
	current[1].from("BIRD 3", lab.Debian13),
	current[2].from("OpenBGPD 8", lab.Debian13),
}

func (r router) from(name string, release lab.Release) router {
	r.name, r.release = name, release
	return r
}

var current = []router{
	{
		name:      "FRR",
		daemon:    lab.FRR{},
		client:    func(r routerclient.Runner) routerclient.Client { return frr.New(r, frr.Options{}) },
		remedy:    remedyInVtysh,
		forbidden: []string{`vtysh -c "show running-config"`, `vtysh -c "configure terminal"`, "id", ""},
		badASN:    "Bad Peer AS",
	},
	{
		name:      "BIRD",
		daemon:    lab.BIRD{},
		client:    func(r routerclient.Runner) routerclient.Client { return bird.New(r, bird.Options{}) },
		remedy:    bird.Remedy,
		forbidden: []string{"birdc configure", "birdc -v show status", "birdc -r -v show status; id", "birdc -r -v show status\nid", "id", ""},
		badASN:    "Bad peer AS",
	},
	{
		name:      "OpenBGPD",
		daemon:    lab.OpenBGPD{},
		client:    func(r routerclient.Runner) routerclient.Client { return openbgpd.New(r, openbgpd.Options{}) },
		remedy:    openbgpd.Remedy,
		forbidden: []string{"bgpctl reload", "bgpctl -j show neighbor; id", "bgpctl -j show neighbor 192.168.3.11", "id", ""},
		badASN:    "AS unacceptable",
	},
	{
		name:        "GoBGP",
		daemon:      lab.GoBGP{},
		client:      func(r routerclient.Runner) routerclient.Client { return gobgp.New(r, gobgp.Options{}) },
		remedy:      gobgp.Remedy,
		forbidden:   []string{"gobgp neighbor 192.168.3.11 disable", "gobgp neighbor; id", "gobgp -j global rib", "id", ""},
		hidesRanges: true,
		forgets:     true,
	},
}

// remedyInVtysh leaves out the line that starts vtysh, which the lab's FRR does by itself.
func remedyInVtysh(m routerclient.Missing) routerclient.Remedy {
	r := frr.Remedy(m)
	r.Lines = r.Lines[1:]
	return r
}

// speakers are what runs on nodes.
var speakers = map[string]lab.Daemon{"FRR": lab.FRR{}, "GoBGP": lab.GoBGP{}, "BIRD": lab.BIRD{}}
