package kubelet

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"k8s.io/klog/v2"
)

const (
	leaseDuration = 40 * time.Second  // the kubelet's default
	leaseRenewal  = leaseDuration / 4 // the kubelet's fraction
	leaseWriters  = 16                // how many leases are renewed at once
)

// renewLeases renews every node's lease until ctx is done. A renewal that fails, say while the API server is away, is
// left to the next round.
func (f *Fleet) renewLeases(ctx context.Context) {
	ticker := time.NewTicker(leaseRenewal)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		var group errgroup.Group
		group.SetLimit(leaseWriters)
		for _, m := range f.members() {
			group.Go(func() error {
				if err := m.renewLease(ctx); err != nil {
					klog.FromContext(ctx).V(2).Info("Lease not renewed", "node", m.Name, "err", err)
				}
				return nil
			})
		}
		_ = group.Wait() // its functions return nil
	}
}

func (m *member) renewLease(ctx context.Context) error {
	leases := m.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
		lease, err := leases.Get(ctx, m.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			_, err = leases.Create(ctx, m.newLease(), metav1.CreateOptions{})
			return err
		}
		if err != nil {
			return err
		}
		lease.Spec.RenewTime = new(metav1.NowMicro())
		_, err = leases.Update(ctx, lease, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("renewing the lease of node %s: %w", m.Name, err)
	}
	return nil
}

func (m *member) newLease() *coordinationv1.Lease {
	return &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: m.Name, Namespace: corev1.NamespaceNodeLease},
		Spec: coordinationv1.LeaseSpec{
			HolderIdentity:       new(m.Name),
			LeaseDurationSeconds: new(int32(leaseDuration / time.Second)),
			RenewTime:            new(metav1.NowMicro()),
		},
	}
}
