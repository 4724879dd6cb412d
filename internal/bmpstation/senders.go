package bmpstation

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/sessiontable"
)

// sender is a router for which somebody may connect.
type sender struct {
	router     string
	uid        string
	address    string
	vrf        string
	staleAfter time.Duration
	// secret holds the certificates of a connection with TLS; "" is one without.
	secret string
}

// senders are those who may connect, by the address they connect from. One address may speak for several BGPRouters,
// such as one for each VRF.
type senders map[netip.Addr][]sender

// sendersOf returns the senders, and of each router that is to tell why it cannot: a zero end if it can.
func sendersOf(routers []v1alpha1.BGPRouter) (all senders, expected map[string]end) {
	all, expected = senders{}, map[string]end{}
	for i := range routers {
		r := &routers[i]
		if r.Spec.BMP == nil || !r.DeletionTimestamp.IsZero() {
			continue
		}
		one := sender{
			router: r.Name, uid: string(r.UID), address: r.Spec.Address, vrf: r.Spec.VRF, staleAfter: r.Spec.Poll.StaleAfter.Duration,
		}
		if r.Spec.BMP.TLS != nil {
			one.secret = r.Spec.BMP.TLS.SecretRef.Name
		}
		for _, from := range sourceAddresses(r.Spec) {
			all[from] = append(all[from], one)
			expected[one.router] = end{}
		}
	}
	for from, of := range all {
		slices.SortFunc(of, func(a, b sender) int { return cmp.Compare(a.router, b.router) })
		var left []sender
		for _, one := range of {
			if why := cannotTell(one, of); why != "" {
				expected[one.router] = end{v1alpha1.ReasonBMPAddressShared, "Nobody is heard from " + from.String() + " for this router: " + why}
				continue
			}
			left = append(left, one)
		}
		all[from] = left
	}
	return all, expected
}

// cannotTell is why one of the senders of an address cannot be heard from it, or "".
func cannotTell(one sender, of []sender) string {
	for _, other := range of {
		if one.confusable(other) {
			return fmt.Sprintf("BGPRouter %s has another spec.address, the same VRF, and connects from there too, so that nobody knows which of the two would be telling.", other.router)
		}
	}
	// A connection can have but one certificate.
	if secret := secretOf(of); one.secret != "" && one.secret != secret {
		return fmt.Sprintf("another BGPRouter connects from there with Secret %s of spec.bmp.tls.", secret)
	}
	return ""
}

// confusable is true of two routers of which one would be taken for the other, behind one address for instance. Several
// BGPRouters for one router have its address.
func (s sender) confusable(other sender) bool {
	sameVRF := s.vrf == other.vrf || s.vrf == sessiontable.AnyVRF || other.vrf == sessiontable.AnyVRF
	return s.address != other.address && sameVRF
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
