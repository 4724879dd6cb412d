package nodeaddress

import (
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// The annotations in which CNIs state from where a node's sessions come. They are read where they are, and never
// required. A kubelet may write them, as it may write its InternalIP.
const (
	// calicoIPv4 and calicoIPv6 hold one address with its prefix length.
	calicoIPv4 = "projectcalico.org/IPv4Address"
	calicoIPv6 = "projectcalico.org/IPv6Address"
	// kubeRouterPeers holds a YAML list of peers, each with the local address of its session.
	kubeRouterPeers = "kube-router.io/peers"
	// kubeRouterLocalIPs is the older form: local addresses separated by commas, some of them empty.
	kubeRouterLocalIPs = "kube-router.io/peer.localips"
	// antreaRouterID is the BGP identifier, by which an unnumbered neighbor is known.
	antreaRouterID = "node.antrea.io/bgp-router-id"
)

// statedIn are the annotations that stated reads.
var statedIn = []string{antreaRouterID, calicoIPv4, calicoIPv6, kubeRouterLocalIPs, kubeRouterPeers}

// IsStatedIn is true of the annotations of others from which this package reads addresses.
func IsStatedIn(annotation string) bool { return slices.Contains(statedIn, annotation) }

// stated returns the addresses in a node's CNI annotations. What cannot be read is left out: it was written for others.
func stated(node *corev1.Node) []netip.Addr {
	var words []string
	for _, key := range statedIn {
		if value := node.Annotations[key]; value != "" {
			words = append(words, addressesIn(key, value)...)
		}
	}
	var addrs []netip.Addr
	for _, word := range words {
		if addr, err := netip.ParseAddr(strings.TrimSpace(word)); err == nil {
			addrs = append(addrs, addr.Unmap().WithZone(""))
		}
	}
	return addrs
}

// addressesIn are what the value of an annotation of statedIn names.
func addressesIn(key, value string) []string {
	switch key {
	case calicoIPv4, calicoIPv6:
		address, _, _ := strings.Cut(value, "/")
		return []string{address}
	case kubeRouterLocalIPs:
		return strings.Split(value, ",")
	case kubeRouterPeers:
		return localIPs(value)
	default:
		return []string{value}
	}
}

// Identifier is the BGP identifier that a CNI states for the node, or the zero Addr.
func Identifier(node *corev1.Node) netip.Addr {
	id, err := netip.ParseAddr(node.Annotations[antreaRouterID])
	if err != nil || !id.Is4() {
		return netip.Addr{}
	}
	return id
}

func localIPs(peers string) []string {
	var list []struct {
		LocalIP string `json:"localip"`
	}
	if err := yaml.Unmarshal([]byte(peers), &list); err != nil {
		return nil
	}
	words := make([]string, 0, len(list))
	for _, peer := range list {
		words = append(words, peer.LocalIP)
	}
	return words
}
