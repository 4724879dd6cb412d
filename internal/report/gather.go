// Package report says what became of the nodes, what the routers said, and what needs a person: from what the manager
// has written into the API server, without its memory and without any Secret.
package report

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/access"
)

// Cluster is what a report is made of.
type Cluster struct {
	Nodes    []corev1.Node
	Routers  []v1alpha1.BGPRouter
	Policies []v1alpha1.PeeringPolicy
	// Lease is that of the leader, or nil: LeaseError says why.
	Lease      *coordinationv1.Lease
	LeaseError error
	// Namespace is that which Peergate is installed in, and Taint the one that it is installed with.
	Namespace string
	Taint     corev1.Taint
}

// LeaseName is the name of the lease that the leader holds.
const LeaseName = "peergate-manager"

// Gather reads the objects of a report. Without the leader's lease a report is poorer, and nothing else is missing from
// it; so that is no error.
func Gather(ctx context.Context, reader client.Reader, namespace string, own corev1.Taint) (Cluster, error) {
	c := Cluster{Namespace: namespace, Taint: own}
	var nodes corev1.NodeList
	var routers v1alpha1.BGPRouterList
	var policies v1alpha1.PeeringPolicyList
	err := listAll(ctx, reader, map[string]client.ObjectList{"nodes": &nodes, "bgprouters": &routers, "peeringpolicies": &policies})
	c.Nodes, c.Routers, c.Policies = nodes.Items, routers.Items, policies.Items
	if err != nil {
		return c, err
	}
	c.sort()
	c.Lease, c.LeaseError = leaderLease(ctx, reader, namespace)
	return c, nil
}

// sort puts objects in the order of their names, as the API server has them. A cache has them in none, another one each
// time.
func (c Cluster) sort() {
	slices.SortFunc(c.Nodes, func(a, b corev1.Node) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(c.Routers, func(a, b v1alpha1.BGPRouter) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(c.Policies, func(a, b v1alpha1.PeeringPolicy) int { return strings.Compare(a.Name, b.Name) })
}

// listAll lists objects by their resource. All the rights that are missing are one error; any other error ends it.
func listAll(ctx context.Context, reader client.Reader, lists map[string]client.ObjectList) error {
	var lacking access.Denied
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		resource := schema.GroupResource{Resource: name}
		if name != "nodes" {
			resource.Group = v1alpha1.GroupVersion.Group
		}
		err := List(ctx, reader, lists[name], resource)
		var denied *access.Denied
		switch {
		case errors.As(err, &denied):
			lacking.Missing = append(lacking.Missing, denied.Missing...)
		case err != nil:
			return err
		}
	}
	if len(lacking.Missing) > 0 {
		return &lacking
	}
	return nil
}

// List lists objects by their resource, and says which right is missing if one is, or that Peergate is.
func List(ctx context.Context, reader client.Reader, into client.ObjectList, resource schema.GroupResource) error {
	err := reader.List(ctx, into)
	switch {
	case err == nil:
		return nil
	case apierrors.IsNotFound(err) || isNoMatch(err):
		return fmt.Errorf("listing %s: the API server does not know them; is Peergate installed?", resource)
	default:
		return fmt.Errorf("listing %s: %w", resource.Resource, access.Explain(err, access.Right{Verb: "list", GroupResource: resource}))
	}
}

func leaderLease(ctx context.Context, reader client.Reader, namespace string) (*coordinationv1.Lease, error) {
	var lease coordinationv1.Lease
	err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: LeaseName}, &lease)
	if err != nil {
		return nil, access.Explain(err, access.Right{
			Verb: "get", GroupResource: schema.GroupResource{Group: coordinationv1.GroupName, Resource: "leases"}, Namespace: namespace,
		})
	}
	return &lease, nil
}

// eventsNamespace is where Kubernetes keeps the Events of objects that have no namespace.
const eventsNamespace = corev1.NamespaceDefault

// EventsOf reads what the manager told of a node, the oldest first.
func EventsOf(ctx context.Context, reader client.Reader, node string) ([]eventsv1.Event, error) {
	var all eventsv1.EventList
	err := reader.List(ctx, &all, client.InNamespace(eventsNamespace), client.MatchingFields{"regarding.name": node})
	if err != nil {
		return nil, access.Explain(err, access.Right{
			Verb: "list", GroupResource: schema.GroupResource{Group: eventsv1.GroupName, Resource: "events"}, Namespace: eventsNamespace,
		})
	}
	var told []eventsv1.Event
	for _, e := range all.Items {
		if e.Regarding.Kind == "Node" && e.ReportingController == reportingController {
			told = append(told, e)
		}
	}
	sortEvents(told)
	return told, nil
}

// reportingController is the manager's name in its Events.
const reportingController = "peergate"
