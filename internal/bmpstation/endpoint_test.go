package bmpstation_test

import (
	"net/netip"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/peergate/peergate/internal/bmpstation"
)

func TestPublish(t *testing.T) {
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "peergate-system", Name: "peergate-bmp", UID: "1"},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "bmp", Port: 1790}}},
	}
	c := fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).WithObjects(service).Build()
	for _, pod := range []struct{ ip, node string }{{"10.0.0.7", "leviathan1"}, {"10.0.1.7", "leviathan2"}} {
		endpoint := bmpstation.Endpoint{
			Live: c, Writer: c, Namespace: "peergate-system", Service: "peergate-bmp",
			PodIP: netip.MustParseAddr(pod.ip), Node: pod.node, Port: 11790,
		}
		if err := endpoint.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		var slice discoveryv1.EndpointSlice
		if err := c.Get(t.Context(), client.ObjectKeyFromObject(service), &slice); err != nil {
			t.Fatal(err)
		}
		if len(slice.Endpoints) != 1 || slice.Endpoints[0].Addresses[0] != pod.ip || *slice.Endpoints[0].NodeName != pod.node || !*slice.Endpoints[0].Conditions.Ready {
			t.Errorf("endpoints %+v, want the pod that leads, on %s", slice.Endpoints, pod.node)
		}
		if slice.AddressType != discoveryv1.AddressTypeIPv4 || *slice.Ports[0].Port != 11790 || *slice.Ports[0].Name != "bmp" {
			t.Errorf("address type %s, ports %+v", slice.AddressType, slice.Ports)
		}
		if slice.Labels[discoveryv1.LabelServiceName] != "peergate-bmp" || slice.OwnerReferences[0].UID != service.UID {
			t.Errorf("labels %v, owners %v", slice.Labels, slice.OwnerReferences)
		}
	}
}

func TestPublishWithoutService(t *testing.T) {
	c := fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).Build()
	endpoint := bmpstation.Endpoint{Live: c, Writer: c, Namespace: "peergate-system", Service: "peergate-bmp"}
	if err := endpoint.Publish(t.Context()); err == nil || !strings.Contains(err.Error(), "reading Service peergate-bmp") {
		t.Errorf("error %v", err)
	}
}
