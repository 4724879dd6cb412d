package bmpstation

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/peergate/peergate/api/v1alpha1"
)

// sender is a router for which somebody may connect.
type sender struct {
	router     string
	uid        string
	vrf        string
	staleAfter time.Duration
	// secret holds the certificates of a connection with TLS; "" is one without.
	secret string
}

// senders are those who may connect, by the address they connect from. One address may speak for several BGPRouters,
// such as one for each VRF.
type senders map[netip.Addr][]sender

func sendersOf(routers []v1alpha1.BGPRouter) senders {
	all := senders{}
	for i := range routers {
		r := &routers[i]
		if r.Spec.BMP == nil || !r.DeletionTimestamp.IsZero() {
			continue
		}
		one := sender{router: r.Name, uid: string(r.UID), vrf: r.Spec.VRF, staleAfter: r.Spec.Poll.StaleAfter.Duration}
		if r.Spec.BMP.TLS != nil {
			one.secret = r.Spec.BMP.TLS.SecretRef.Name
		}
		for _, from := range sourceAddresses(r.Spec) {
			all[from] = append(all[from], one)
		}
	}
	for from, of := range all {
		slices.SortFunc(of, func(a, b sender) int { return cmp.Compare(a.router, b.router) })
		all[from] = securedAlike(of)
	}
	return all
}

// securedAlike leaves out the routers that want another Secret than the first that wants one: a connection can have but
// one.
func securedAlike(of []sender) []sender {
	secret := secretOf(of)
	return slices.DeleteFunc(of, func(s sender) bool { return s.secret != "" && s.secret != secret })
}

func secretOf(of []sender) string {
	for _, s := range of {
		if s.secret != "" {
			return s.secret
		}
	}
	return ""
}

// sourceAddresses leaves out what is no address: the webhook refuses it, but may be away.
func sourceAddresses(spec v1alpha1.BGPRouterSpec) (all []netip.Addr) {
	from := spec.BMP.SourceAddresses
	if len(from) == 0 {
		host, _, err := net.SplitHostPort(spec.Address)
		if err != nil {
			host = spec.Address
		}
		from = []string{host}
	}
	for _, s := range from {
		addr, err := netip.ParseAddr(s)
		if addr = addr.Unmap().WithZone(""); err == nil && !slices.Contains(all, addr) {
			all = append(all, addr)
		}
	}
	return all
}

// routers are the names of those that are expected to connect.
func (s senders) routers() map[string]bool {
	names := map[string]bool{}
	for _, of := range s {
		for _, one := range of {
			names[one.router] = true
		}
	}
	return names
}
