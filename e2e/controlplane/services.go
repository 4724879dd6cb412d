package controlplane

import (
	"context"
	"fmt"
	"net/netip"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
)

// Route leads what the API server sends to a Service, webhook calls above all, to backends, each host:port, replacing
// those that the Service had. It does what EndpointSlices and kube-proxy do for pods: the connections take turns, and
// skip the backends that do not answer. Without backends they are refused.
func (c *Cluster) Route(namespace, service string, backends ...string) {
	c.services.Route(types.NamespacedName{Namespace: namespace, Name: service}, backends...)
}

// serviceAt asks the API server each time. That happens once a connection, and a watch could lag behind a Service that
// has just been created.
func (c *Cluster) serviceAt(ctx context.Context, clusterIP netip.Addr) (types.NamespacedName, error) {
	selector := fields.OneTermEqualSelector("spec.clusterIP", clusterIP.String()).String()
	services, err := c.client.CoreV1().Services(metav1.NamespaceAll).List(ctx, metav1.ListOptions{FieldSelector: selector})
	if err != nil {
		return types.NamespacedName{}, err
	}
	if len(services.Items) != 1 {
		return types.NamespacedName{}, fmt.Errorf("%d Services have that cluster IP", len(services.Items))
	}
	service := services.Items[0]
	return types.NamespacedName{Namespace: service.Namespace, Name: service.Name}, nil
}
