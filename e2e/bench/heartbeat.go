package main

import (
	"context"
	"fmt"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
)

// heartbeat is what a write of a kubelet's status costs etcd and the API server, in CPU milliseconds.
type heartbeat struct {
	Writes int
	// With is with the admission policy that looks at it, and the leader that watches; Without is without either.
	With, Without float64
}

// heartbeatTurns is in how many turns heartbeats are written with Peergate and without it.
const heartbeatTurns = 3

// measureHeartbeat writes statuses of the nodes of the last storm, evenly, faster than kubelets do.
func measureHeartbeat(ctx context.Context, p plan, b *rig, r *report) error {
	var h heartbeat
	var with, without float64
	for range heartbeatTurns {
		if err := b.stopLeader(); err != nil {
			return err
		}
		binding, err := b.unbindPolicy(ctx)
		if err != nil {
			return err
		}
		if err := b.beat(ctx, p, &without); err != nil {
			return err
		}
		if err := b.bindPolicy(ctx, binding); err != nil {
			return err
		}
		if err := b.startLeader(ctx); err != nil {
			return err
		}
		if err := b.beat(ctx, p, &with); err != nil {
			return err
		}
	}
	h.Writes = heartbeatTurns * p.beats
	h.With, h.Without = with/float64(h.Writes)*1000, without/float64(h.Writes)*1000
	r.Heartbeat = h
	return nil
}

// beat adds the CPU seconds of a turn.
func (b *rig) beat(ctx context.Context, p plan, sum *float64) error {
	if err := b.quiet(ctx); err != nil {
		return err
	}
	nodes := p.sizes[len(p.sizes)-1]
	c, err := b.costing(func() (float64, error) {
		return p.beating.Seconds(), evenly(ctx, p.beats, p.beating, func(i int) error { return b.postStatus(ctx, name(i%nodes)) })
	})
	*sum += c.ControlPlane
	return err
}

func (b *rig) unbindPolicy(ctx context.Context) (*admissionv1.ValidatingAdmissionPolicyBinding, error) {
	var binding admissionv1.ValidatingAdmissionPolicyBinding
	if err := b.objects.Get(ctx, client.ObjectKey{Name: "node-identity.peergate.dev"}, &binding); err != nil {
		return nil, err
	}
	if err := b.objects.Delete(ctx, &binding); err != nil {
		return nil, err
	}
	return &binding, b.untilPolicyRefuses(ctx, false)
}

func (b *rig) bindPolicy(ctx context.Context, binding *admissionv1.ValidatingAdmissionPolicyBinding) error {
	again := &admissionv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: binding.Name}, Spec: binding.Spec}
	if err := b.objects.Create(ctx, again); err != nil {
		return err
	}
	return b.untilPolicyRefuses(ctx, true)
}

// untilPolicyRefuses waits until the API server has taken note of the binding, or that there is none. The policy refuses
// that anybody annotates a Node through its status.
func (b *rig) untilPolicyRefuses(ctx context.Context, wanted bool) error {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name(0)}}
	forbidden := fmt.Appendf(nil, `{"metadata":{"annotations":{%q:"%d"}}}`, v1alpha1.AnnotationExempt, time.Now().UnixNano())
	return b.eventually(ctx, fmt.Sprintf("it is %t that the policy refuses", wanted), func(ctx context.Context) (bool, error) {
		err := b.objects.Status().Patch(ctx, node, client.RawPatch(types.MergePatchType, forbidden), client.DryRunAll)
		if err != nil && !apierrors.IsForbidden(err) {
			return false, err
		}
		return wanted == (err != nil), nil
	})
}
