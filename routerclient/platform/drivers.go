package platform

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bird"
	"github.com/peergate/peergate/routerclient/edgeos"
	"github.com/peergate/peergate/routerclient/eos"
	"github.com/peergate/peergate/routerclient/fortios"
	"github.com/peergate/peergate/routerclient/frr"
	"github.com/peergate/peergate/routerclient/gobgp"
	"github.com/peergate/peergate/routerclient/ios"
	"github.com/peergate/peergate/routerclient/iosxr"
	"github.com/peergate/peergate/routerclient/nxos"
	"github.com/peergate/peergate/routerclient/openbgpd"
	"github.com/peergate/peergate/routerclient/routeros"
)

func newBIRD(runner routerclient.Runner, o Options) routerclient.Client {
	return bird.New(runner, bird.Options{CommandPrefix: o.CommandPrefix})
}

func newGoBGP(runner routerclient.Runner, o Options) routerclient.Client {
	return gobgp.New(runner, gobgp.Options{CommandPrefix: o.CommandPrefix})
}

func newOpenBGPD(runner routerclient.Runner, o Options) routerclient.Client {
	return openbgpd.New(runner, openbgpd.Options{CommandPrefix: o.CommandPrefix})
}

func newFRR(vtysh string, prefix ...string) func(routerclient.Runner, Options) routerclient.Client {
	return func(runner routerclient.Runner, o Options) routerclient.Client {
		options := frr.Options{CommandPrefix: prefix, Vtysh: vtysh, VRF: o.VRF}
		if len(o.CommandPrefix) > 0 {
			options.CommandPrefix = o.CommandPrefix
		}
		return frr.New(runner, options)
	}
}

func newEdgeOS(runner routerclient.Runner, o Options) routerclient.Client {
	return edgeos.New(runner, edgeos.Options{CommandPrefix: o.CommandPrefix})
}

func newEOS(runner routerclient.Runner, o Options) routerclient.Client {
	return eos.New(runner, eos.Options{VRF: o.VRF})
}

func newIOS(runner routerclient.Runner, _ Options) routerclient.Client {
	return ios.New(runner, ios.Options{})
}

func newIOSXR(runner routerclient.Runner, o Options) routerclient.Client {
	return iosxr.New(runner, iosxr.Options{VRF: o.VRF})
}

func newNXOS(runner routerclient.Runner, o Options) routerclient.Client {
	return nxos.New(runner, nxos.Options{VRF: o.VRF})
}

func newFortiOS(runner routerclient.Runner, o Options) routerclient.Client {
	options := fortios.Options{Transport: fortios.REST}
	if o.Transport == SSH {
		options.Transport = fortios.SSH
	}
	return fortios.New(runner, options)
}

func newRouterOS(runner routerclient.Runner, o Options) routerclient.Client {
	options := routeros.Options{Transport: routeros.REST}
	if o.Transport == SSH {
		options.Transport = routeros.SSH
	}
	return routeros.New(runner, options)
}

func newRouterOS6(runner routerclient.Runner, _ Options) routerclient.Client {
	return routeros.New(runner, routeros.Options{Transport: routeros.SSH})
}

func withoutOptions(newClient func(routerclient.Runner) routerclient.Client) func(routerclient.Runner, Options) routerclient.Client {
	return func(runner routerclient.Runner, _ Options) routerclient.Client { return newClient(runner) }
}
