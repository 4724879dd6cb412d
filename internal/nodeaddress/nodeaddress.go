// Package nodeaddress says from which addresses a node's BGP sessions come.
package nodeaddress

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
)

// Of returns the addresses from which a node's BGP sessions come, sorted and without duplicates: those of annotation
// peergate.dev/bgp-address if the node has it; otherwise its InternalIPs, and what Calico, kube-router and Antrea state
// in annotations of theirs. An annotation of ours that cannot be read counts as one that names no address, so that a
// slip of the pen cannot open a node.
func Of(node *corev1.Node) []netip.Addr {
	if value, ok := node.Annotations[v1alpha1.AnnotationBGPAddress]; ok {
		addrs, _ := Parse(value)
		return addrs
	}
	addrs := stated(node)
	for _, a := range node.Status.Addresses {
		if a.Type != corev1.NodeInternalIP {
			continue
		}
		if addr, err := netip.ParseAddr(a.Address); err == nil {
			// A kubelet writes it, and a zone may be any words: the address goes into lines that are typed into routers.
			addrs = append(addrs, addr.Unmap().WithZone(""))
		}
	}
	return sorted(addrs)
}

// Unreadable is the value of annotation peergate.dev/bgp-address if it cannot be read, and otherwise nil.
func Unreadable(node *corev1.Node) *string {
	value, ok := node.Annotations[v1alpha1.AnnotationBGPAddress]
	if !ok {
		return nil
	}
	if _, err := Parse(value); err == nil {
		return nil
	}
	return &value
}

// Parse reads the value of annotation peergate.dev/bgp-address: IP addresses separated by commas.
func Parse(value string) ([]netip.Addr, error) {
	var addrs []netip.Addr
	for word := range strings.SplitSeq(value, ",") {
		addr, err := netip.ParseAddr(strings.TrimSpace(word))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %q is not an IP address", v1alpha1.AnnotationBGPAddress, strings.TrimSpace(word))
		}
		addrs = append(addrs, addr.Unmap().WithZone(""))
	}
	return sorted(addrs), nil
}

func sorted(addrs []netip.Addr) []netip.Addr {
	slices.SortFunc(addrs, netip.Addr.Compare)
	return slices.Compact(addrs)
}
