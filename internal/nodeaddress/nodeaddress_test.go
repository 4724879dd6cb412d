package nodeaddress_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/nodeaddress"
)

func TestOfWhatCNIsState(t *testing.T) {
	tests := map[string]struct {
		annotations map[string]string
		want        []string
	}{
		"Calico":                {map[string]string{"projectcalico.org/IPv4Address": "10.0.0.5/24", "projectcalico.org/IPv6Address": "fd00::5/64"}, []string{"10.0.0.5", "192.168.3.33", "fd00::5"}},
		"kube-router":           {map[string]string{"kube-router.io/peers": "- remoteip: 10.0.0.1\n  localip: 10.0.0.5\n- remoteip: 10.0.0.2\n"}, []string{"10.0.0.5", "192.168.3.33"}},
		"kube-router, old form": {map[string]string{"kube-router.io/peer.localips": "10.0.0.5,,10.0.0.6"}, []string{"10.0.0.5", "10.0.0.6", "192.168.3.33"}},
		"Antrea":                {map[string]string{"node.antrea.io/bgp-router-id": "10.0.0.5"}, []string{"10.0.0.5", "192.168.3.33"}},
		"the InternalIP again":  {map[string]string{"projectcalico.org/IPv4Address": "192.168.3.33/24"}, []string{"192.168.3.33"}},
		"nonsense":              {map[string]string{"projectcalico.org/IPv4Address": "x", "kube-router.io/peers": "{", "kube-router.io/peer.localips": "x"}, []string{"192.168.3.33"}},
		"ours goes before all":  {map[string]string{"projectcalico.org/IPv4Address": "10.0.0.5/24", v1alpha1.AnnotationBGPAddress: "10.0.0.9"}, []string{"10.0.0.9"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			node := &corev1.Node{Status: corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "192.168.3.33"}}}}
			node.Annotations = test.annotations
			var got []string
			for _, a := range nodeaddress.Of(node) {
				got = append(got, a.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("addresses (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOf(t *testing.T) {
	internal := func(addrs ...string) []corev1.NodeAddress {
		list := []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: "n"}, {Type: corev1.NodeExternalIP, Address: "203.0.113.1"}}
		for _, a := range addrs {
			list = append(list, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: a})
		}
		return list
	}
	tests := map[string]struct {
		addresses  []corev1.NodeAddress
		annotation string
		want       []string
	}{
		"internal only":                   {internal("192.168.3.33"), "", []string{"192.168.3.33"}},
		"dual stack, sorted":              {internal("fd00::1", "192.168.3.33"), "", []string{"192.168.3.33", "fd00::1"}},
		"the same twice":                  {internal("192.168.3.33", "192.168.3.33"), "", []string{"192.168.3.33"}},
		"not an address":                  {internal("nonsense"), "", nil},
		"with a zone, whatever it says":   {internal("fe80::1%$(reboot)"), "", []string{"fe80::1"}},
		"annotated":                       {internal("192.168.3.33"), " 10.0.0.5, fd00::5", []string{"10.0.0.5", "fd00::5"}},
		"annotated, with a zone":          {internal(), "fe80::1%eth0", []string{"fe80::1"}},
		"annotated with nonsense: none":   {internal("192.168.3.33"), "10.0.0.5,leviathan", nil},
		"annotated with a mapped address": {internal(), "::ffff:10.0.0.5", []string{"10.0.0.5"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			node := &corev1.Node{Status: corev1.NodeStatus{Addresses: test.addresses}}
			if test.annotation != "" {
				node.Annotations = map[string]string{v1alpha1.AnnotationBGPAddress: test.annotation}
			}
			var got []string
			for _, a := range nodeaddress.Of(node) {
				got = append(got, a.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("addresses (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzOf reads annotations that anybody may have written.
func FuzzOf(f *testing.F) {
	f.Add("10.0.0.5,fd00::5", "- localip: 10.0.0.5\n", "10.0.0.5/24")
	f.Add("", "- {", ",")
	f.Add("fe80::1%;reload", "- localip: fe80::1%eth0\n", "fe80::1%|/64")
	f.Fuzz(func(t *testing.T, ours, peers, calico string) {
		node := &corev1.Node{Status: corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: ours}}}}
		node.Annotations = map[string]string{
			"kube-router.io/peers": peers, "projectcalico.org/IPv4Address": calico, "kube-router.io/peer.localips": ours,
		}
		for _, a := range nodeaddress.Of(node) {
			if !a.IsValid() || a.Zone() != "" || a.Is4In6() {
				t.Errorf("address %v cannot be a neighbor's", a)
			}
		}
		node.Annotations[v1alpha1.AnnotationBGPAddress] = ours
		if addrs, err := nodeaddress.Parse(ours); err != nil && len(nodeaddress.Of(node)) > 0 {
			t.Errorf("%v, and yet %v", err, addrs)
		}
	})
}
