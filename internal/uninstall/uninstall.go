package uninstall

import (
	"context"
	"fmt"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/access"
)

// Uninstaller takes Peergate's traces off the Nodes.
type Uninstaller struct {
	// Client makes up to [Concurrency] requests at once.
	Client client.Client
	Taint  corev1.Taint
	// DryRun says what would be done, and does nothing.
	DryRun bool
	// Settle is how long after a pass the next one looks whether all Nodes have stayed clean. A manager that still runs
	// may write to them until it has seen that the policies are gone.
	Settle time.Duration
	// Say is told of each step, of one at a time.
	Say func(string)
}

// Rights are what a person needs for it.
func Rights() []access.Right {
	var rights []access.Right
	add := func(group, resource, subresource string, verbs ...string) {
		for _, verb := range verbs {
			rights = append(rights, access.Right{
				Verb: verb, GroupResource: schema.GroupResource{Group: group, Resource: resource}, Subresource: subresource,
			})
		}
	}
	add(corev1.GroupName, "nodes", "", "get", "list", "patch")
	add(corev1.GroupName, "nodes", "status", "patch")
	add(admissionregistrationv1.GroupName, "mutatingwebhookconfigurations", "", "delete")
	add(admissionregistrationv1.GroupName, "mutatingadmissionpolicybindings", "", "delete")
	add(v1alpha1.GroupVersion.Group, "peeringpolicies", "", "list", "delete")
	return append(rights, access.Exempt)
}

// Run gives no new Node the taint, takes the policies away, so that the manager writes nothing any more, and then
// everything off the Nodes. It returns when none shows a trace any more.
func (u *Uninstaller) Run(ctx context.Context) error {
	if !u.DryRun {
		if err := access.Require(ctx, u.Client, Rights()...); err != nil {
			return err
		}
	}
	if err := u.stopTainting(ctx); err != nil {
		return err
	}
	if err := u.deletePolicies(ctx); err != nil {
		return err
	}
	// The second pass, at the earliest, finds nothing.
	for {
		found, err := u.pass(ctx)
		if err != nil || found == 0 || u.DryRun {
			return err
		}
		if err := pause(ctx, u.Settle); err != nil {
			return fmt.Errorf("waiting for the nodes to stay clean: %w", err)
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// webhookConfigurations are the mutating ones: that of the Nodes, and that of the component tolerate-speakers, which
// "kubectl delete -k config/default" knows nothing of.
var webhookConfigurations = []string{"peergate", "peergate-speakers"}

// stopTainting deletes what changes new objects: the webhooks, and the policy that may stand in the place of the first.
func (u *Uninstaller) stopTainting(ctx context.Context) error {
	for _, name := range webhookConfigurations {
		webhook := &admissionregistrationv1.MutatingWebhookConfiguration{}
		webhook.Name = name
		if err := u.delete(ctx, webhook, "mutatingwebhookconfiguration"); err != nil {
			return err
		}
	}
	binding := &admissionregistrationv1.MutatingAdmissionPolicyBinding{}
	binding.Name = "node-taint.peergate.dev"
	return u.delete(ctx, binding, "mutatingadmissionpolicybinding")
}

func (u *Uninstaller) deletePolicies(ctx context.Context) error {
	var policies v1alpha1.PeeringPolicyList
	if err := u.Client.List(ctx, &policies); err != nil {
		if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("listing the policies: %w", access.Explain(err, access.Right{
			Verb: "list", GroupResource: schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "peeringpolicies"},
		}))
	}
	for i := range policies.Items {
		if err := u.delete(ctx, &policies.Items[i], "peeringpolicy"); err != nil {
			return err
		}
	}
	return nil
}

func (u *Uninstaller) delete(ctx context.Context, object client.Object, kind string) error {
	var options []client.DeleteOption
	done := "deleted"
	if u.DryRun {
		options, done = append(options, client.DryRunAll), "would be deleted"
	}
	err := u.Client.Delete(ctx, object, options...)
	switch {
	case err == nil:
		u.Say(fmt.Sprintf("%s/%s %s", kind, object.GetName(), done))
		return nil
	case apierrors.IsNotFound(err) || meta.IsNoMatchError(err):
		return nil
	default:
		return fmt.Errorf("deleting %s %s: %w", kind, object.GetName(), err)
	}
}

// pass takes the traces off every Node, and returns how many had any. A Node that cannot be cleaned keeps none of the
// others from it.
func (u *Uninstaller) pass(ctx context.Context) (found int, err error) {
	var nodes corev1.NodeList
	if err := u.Client.List(ctx, &nodes); err != nil {
		return 0, fmt.Errorf("listing nodes: %w", access.Explain(err, access.Right{Verb: "list", GroupResource: schema.GroupResource{Resource: "nodes"}}))
	}
	var traced []*corev1.Node
	for i := range nodes.Items {
		if TraceOn(&nodes.Items[i], u.Taint).Any() {
			traced = append(traced, &nodes.Items[i])
		}
	}
	if !u.DryRun {
		return len(traced), u.cleanAll(ctx, traced)
	}
	for _, node := range traced {
		u.Say(fmt.Sprintf("node/%s: %s would be removed", node.Name, TraceOn(node, u.Taint)))
	}
	return len(traced), nil
}
