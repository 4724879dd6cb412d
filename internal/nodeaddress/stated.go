package nodeaddress

import (
	"net/netip"
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

// stated returns the addresses in a node's CNI annotations. What cannot be read is left out: it was written for others.
func stated(node *corev1.Node) []netip.Addr {
	words := []string{node.Annotations[antreaRouterID]}
	for _, key := range []string{calicoIPv4, calicoIPv6} {
		address, _, _ := strings.Cut(node.Annotations[key], "/")
		words = append(words, address)
	}
	words = append(words, strings.Split(node.Annotations[kubeRouterLocalIPs], ",")...)
	words = append(words, localIPs(node.Annotations[kubeRouterPeers])...)
	var addrs []netip.Addr
	for _, word := range words {
		if addr, err := netip.ParseAddr(strings.TrimSpace(word)); err == nil {
			addrs = append(addrs, addr.Unmap().WithZone(""))
		}
	}
	return addrs
}

func localIPs(peers string) []string {
	if peers == "" {
		return nil
	}
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
