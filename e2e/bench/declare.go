package main

import (
	"context"
	"fmt"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
)

// bareLabel keeps a Node from the webhook, so that Nodes with and without it can be created in turn.
const bareLabel = "bench.peergate.dev/bare"

const (
	routerName = "edge"
	policyName = "default"
)

// declare creates one router and one policy, both of the defaults but for the grace, and waits until the router answers.
func (b *rig) declare(ctx context.Context) error {
	if err := b.exemptBareNodes(ctx); err != nil {
		return err
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: routerName},
		StringData: map[string]string{"username": "peergate", "password": "peergate", "known_hosts": string(b.edge.KnownHosts())},
	}
	router := &v1alpha1.BGPRouter{ObjectMeta: metav1.ObjectMeta{Name: routerName}, Spec: v1alpha1.BGPRouterSpec{
		Address: b.edge.Addr(), Platform: "FRR", CredentialsSecretRef: v1alpha1.SecretReference{Name: routerName},
	}}
	policy := &v1alpha1.PeeringPolicy{ObjectMeta: metav1.ObjectMeta{Name: policyName}}
	// Without a grace it is the guard alone that keeps the taint off when all sessions are lost.
	policy.Spec.LossGracePeriod, policy.Spec.FlapDamping = &metav1.Duration{}, &metav1.Duration{}
	for _, object := range []client.Object{secret, router, policy} {
		if err := b.objects.Create(ctx, object); err != nil {
			return fmt.Errorf("creating %T %s: %w", object, object.GetName(), err)
		}
	}
	return b.eventually(ctx, "the router answers", func(ctx context.Context) (bool, error) {
		err := b.objects.Get(ctx, client.ObjectKeyFromObject(router), router)
		return meta.IsStatusConditionTrue(router.Status.Conditions, v1alpha1.ConditionReachable), err
	})
}

// exemptBareNodes has the API server not ask the webhook about Nodes with bareLabel.
func (b *rig) exemptBareNodes(ctx context.Context) error {
	var webhooks admissionv1.MutatingWebhookConfiguration
	if err := b.objects.Get(ctx, client.ObjectKey{Name: "peergate"}, &webhooks); err != nil {
		return err
	}
	before := webhooks.DeepCopy()
	for i := range webhooks.Webhooks {
		webhooks.Webhooks[i].ObjectSelector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{
			{Key: bareLabel, Operator: metav1.LabelSelectorOpDoesNotExist},
		}}
	}
	if err := b.objects.Patch(ctx, &webhooks, client.MergeFrom(before)); err != nil {
		return err
	}
	return b.eventually(ctx, "the webhook taints new nodes, and bare ones not", func(ctx context.Context) (bool, error) {
		node, bare := &corev1.Node{}, &corev1.Node{}
		node.Name, bare.Name = "dry-run", "dry-run"
		bare.Labels = map[string]string{bareLabel: ""}
		if err := b.objects.Create(ctx, node, client.DryRunAll); err != nil {
			return false, err
		}
		if err := b.objects.Create(ctx, bare, client.DryRunAll); err != nil {
			return false, err
		}
		return tainted(node) && !tainted(bare), nil
	})
}

// eventually waits until ask returns true. Nothing that is measured is waited for in this way.
func (b *rig) eventually(ctx context.Context, what string, ask func(context.Context) (bool, error)) error {
	if err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, patience, true, ask); err != nil {
		return fmt.Errorf("waiting until %s: %w", what, err)
	}
	return nil
}
