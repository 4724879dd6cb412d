package bmpstation

import (
	"context"
	"fmt"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/types"
	discoveryv1ac "k8s.io/client-go/applyconfigurations/discovery/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Endpoint leads a Service to the pod that leads. The Service has no selector: one would take every replica, and with
// externalTrafficPolicy Local a router whose traffic arrives at the node of another than the leader would never get
// through.
type Endpoint struct {
	// Live reads the Service from the API server.
	Live   client.Reader
	Writer client.Writer
	// Namespace and Service are where the Service is, and its name, which is that of its EndpointSlice, too.
	Namespace, Service string
	// PodIP and Node are this pod's own, and Port where it listens.
	PodIP netip.Addr
	Node  string
	Port  int32
}

// fieldOwner is whom the API server takes for the owner of the EndpointSlice's fields.
const fieldOwner = client.FieldOwner("peergate-manager")

// Publish writes the EndpointSlice, which the Service takes with it when it is deleted.
func (e *Endpoint) Publish(ctx context.Context) error {
	var service corev1.Service
	if err := e.Live.Get(ctx, types.NamespacedName{Namespace: e.Namespace, Name: e.Service}, &service); err != nil {
		return fmt.Errorf("reading Service %s: %w", e.Service, err)
	}
	if len(service.Spec.Ports) != 1 {
		return fmt.Errorf("reading Service %s: it has %d ports, want 1", e.Service, len(service.Spec.Ports))
	}
	family := discoveryv1.AddressTypeIPv4
	if e.PodIP.Is6() {
		family = discoveryv1.AddressTypeIPv6
	}
	slice := discoveryv1ac.EndpointSlice(e.Service, e.Namespace).
		WithLabels(map[string]string{
			discoveryv1.LabelServiceName: e.Service,
			// Whatever has this label with another value is left alone by Kubernetes' own controller.
			discoveryv1.LabelManagedBy: string(fieldOwner),
		}).
		WithOwnerReferences(metav1ac.OwnerReference().WithAPIVersion("v1").WithKind("Service").WithName(service.Name).WithUID(service.UID)).
		WithAddressType(family).
		WithPorts(discoveryv1ac.EndpointPort().WithName(service.Spec.Ports[0].Name).WithProtocol(corev1.ProtocolTCP).WithPort(e.Port)).
		WithEndpoints(discoveryv1ac.Endpoint().WithAddresses(e.PodIP.String()).WithNodeName(e.Node).
			WithConditions(discoveryv1ac.EndpointConditions().WithReady(true)))
	if err := e.Writer.Apply(ctx, slice, fieldOwner, client.ForceOwnership); err != nil {
		return fmt.Errorf("leading Service %s to this pod: %w", e.Service, err)
	}
	return nil
}
