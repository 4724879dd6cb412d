package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/controlplane"
	"github.com/peergate/peergate/e2e/install"
)

const policyName = "default"

func startControlPlane(ctx context.Context, st *stage) error {
	cluster, err := controlplane.Start(ctx, controlplane.Options{LogDir: st.logDir, Progress: st.screen.out})
	if err != nil {
		return err
	}
	st.cluster = cluster
	st.onTakeDown(cluster.Stop)
	for _, start := range []func(context.Context) error{
		cluster.StartControllerManager, cluster.StartScheduler, cluster.StartCertManager,
	} {
		if err := start(ctx); err != nil {
			return err
		}
	}
	if err := st.connect(); err != nil {
		return err
	}
	st.screen.say("etcd, kube-apiserver, kube-scheduler, kube-controller-manager and cert-manager's controllers run as processes here.")
	return nil
}

func installPeergate(ctx context.Context, st *stage) error {
	peergate, err := install.Install(ctx, st.cluster, install.Options{LogDir: st.logDir, Progress: st.screen.out})
	if err != nil {
		return err
	}
	st.onTakeDown(peergate.Stop)
	st.screen.say("Two replicas run under the shipped RBAC, as service account %s/%s.", install.Namespace, install.ServiceAccount)
	if err := await(ctx, "the webhook", st.webhookAnswers); err != nil {
		return err
	}
	st.screen.say("Its webhook answers: a Node would now carry %s:NoSchedule from its first write.", taintKey)
	return nil
}

// webhookAnswers creates a Node only for the API server to say what would become of it.
func (st *stage) webhookAnswers(ctx context.Context) error {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "dry-run"}}
	if err := st.client.Create(ctx, node, client.DryRunAll); err != nil {
		return err
	}
	if !tainted(node) {
		return fmt.Errorf("a new Node is given the taints %v", node.Spec.Taints)
	}
	return nil
}

func startRouter(ctx context.Context, st *stage) error {
	var err error
	if st.edge, err = startEdge(ctx); err != nil {
		return err
	}
	st.onTakeDown(st.edge.shutDown)
	st.screen.say("%s (GoBGP, AS %d) takes sessions at %s:%d and logins at %s.",
		routerName, st.edge.ASN(), st.edge.Addr(), st.edge.Port(), st.edge.ssh.Addr())
	for _, node := range nodes {
		if node.forgotten {
			continue
		}
		if err := st.edge.AddNeighbor(ctx, node.addr, asn); err != nil {
			return err
		}
	}
	secret, router := st.edge.resources()
	policy := &v1alpha1.PeeringPolicy{ObjectMeta: metav1.ObjectMeta{Name: policyName}}
	for _, object := range []client.Object{secret, router, policy} {
		if err := st.client.Create(ctx, object); err != nil {
			return err
		}
	}
	if err := await(ctx, "the router to be Reachable", st.routerReachable); err != nil {
		return err
	}
	if err := await(ctx, "the policy's nodes to be counted", st.policyCounted); err != nil {
		return err
	}
	return st.kubectl.show(ctx, st.screen, "get", "bgprouters,peeringpolicies")
}

func (st *stage) routerReachable(ctx context.Context) error {
	var router v1alpha1.BGPRouter
	if err := st.client.Get(ctx, client.ObjectKey{Name: routerName}, &router); err != nil {
		return err
	}
	if !meta.IsStatusConditionTrue(router.Status.Conditions, v1alpha1.ConditionReachable) {
		return fmt.Errorf("its conditions are %v", router.Status.Conditions)
	}
	return nil
}

func (st *stage) policyCounted(ctx context.Context) error {
	var policy v1alpha1.PeeringPolicy
	if err := st.client.Get(ctx, client.ObjectKey{Name: policyName}, &policy); err != nil {
		return err
	}
	if policy.Status.ObservedGeneration != policy.Generation {
		return fmt.Errorf("its status is %v", policy.Status)
	}
	return nil
}
