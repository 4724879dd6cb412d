package controlplane_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/peergate/peergate/e2e/kubelet"
)

func TestJoinedNodeIsReadyWithWhatItsKubeletBrought(t *testing.T) {
	ctx := t.Context()
	taint := corev1.Taint{Key: "example.org/startup", Effect: corev1.TaintEffectNoSchedule}
	node := kubelet.Node{
		Name:        "join-1",
		Addresses:   []netip.Addr{netip.MustParseAddr("127.0.12.1"), netip.MustParseAddr("fd00::1")},
		Labels:      map[string]string{"example.org/rack": "7"},
		Annotations: map[string]string{"example.org/note": "kept"},
		Taints:      []corev1.Taint{taint},
	}
	for range 2 { // the second as after a restart of the kubelet
		if err := cluster.Kubelets().Join(ctx, node); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "node", func(ctx context.Context) error {
		got, err := admin(t).CoreV1().Nodes().Get(ctx, "join-1", metav1.GetOptions{})
		if err != nil {
			return err
		}
		return joined(got, node)
	})
}

// joined says what is not yet as the kubelet brought it. Only the node lifecycle controller takes not-ready off.
func joined(got *corev1.Node, want kubelet.Node) error {
	var ips []netip.Addr
	for _, address := range got.Status.Addresses {
		if address.Type == corev1.NodeInternalIP {
			ips = append(ips, netip.MustParseAddr(address.Address))
		}
	}
	type view struct {
		Addresses  []string
		Taints     []corev1.Taint
		Rack, Note string
		Ready      bool
	}
	strings := func(ips []netip.Addr) (all []string) {
		for _, ip := range ips {
			all = append(all, ip.String())
		}
		return all
	}
	gotView := view{strings(ips), got.Spec.Taints, got.Labels["example.org/rack"], got.Annotations["example.org/note"], ready(got)}
	if diff := cmp.Diff(view{strings(want.Addresses), want.Taints, "7", "kept", true}, gotView); diff != "" {
		return fmt.Errorf("node (-want +got):\n%s", diff)
	}
	return nil
}

func ready(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

func TestLeasesAreRenewedUntilTheNodeLeaves(t *testing.T) {
	if testing.Short() {
		t.Skip("a lease is renewed every 10 s")
	}
	ctx := t.Context()
	if err := cluster.Node(ctx, "lease-1", "127.0.13.1"); err != nil {
		t.Fatal(err)
	}
	renewed := func(ctx context.Context) (time.Time, error) {
		lease, err := admin(t).CoordinationV1().Leases(corev1.NamespaceNodeLease).Get(ctx, "lease-1", metav1.GetOptions{})
		if err != nil {
			return time.Time{}, err
		}
		return lease.Spec.RenewTime.Time, nil
	}
	first, err := renewed(ctx)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "renewal", func(ctx context.Context) error {
		again, err := renewed(ctx)
		if err == nil && !again.After(first) {
			err = fmt.Errorf("still of %s", first)
		}
		return err
	})
	cluster.Kubelets().Leave("lease-1")
	if err := cluster.Kubelets().PostStatus(ctx, "lease-1"); err == nil {
		t.Error("PostStatus() = nil for a node that has left")
	}
}

func TestNodeRestrictionHoldsKubeletsToTheirOwnNode(t *testing.T) {
	ctx := t.Context()
	for name, address := range map[string]string{"restricted-1": "127.0.14.1", "restricted-2": "127.0.14.2"} {
		if err := cluster.Node(ctx, name, address); err != nil {
			t.Fatal(err)
		}
	}
	config, err := cluster.Kubelet("restricted-1")
	if err != nil {
		t.Fatal(err)
	}
	client := clientFor(t, config)
	patch := func(node, patch string) func() error {
		return func() error { return patchNode(ctx, client, node, patch) }
	}
	for _, test := range []struct {
		name      string
		do        func() error
		forbidden bool
	}{
		{"own annotation", patch("restricted-1", `{"metadata":{"annotations":{"example.org/a":"b"}}}`), false},
		{"another node's annotation", patch("restricted-2", `{"metadata":{"annotations":{"example.org/a":"b"}}}`), true},
		{"own taints", patch("restricted-1", `{"spec":{"taints":[{"key":"example.org/a","effect":"NoSchedule"}]}}`), true},
		{"own reserved label", patch("restricted-1", `{"metadata":{"labels":{"node-restriction.kubernetes.io/a":"b"}}}`), true},
		{"delete itself", func() error { return client.CoreV1().Nodes().Delete(ctx, "restricted-1", metav1.DeleteOptions{}) }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.do()
			if got := apierrors.IsForbidden(err); got != test.forbidden || (!got && err != nil) {
				t.Errorf("got %v, want forbidden: %t", err, test.forbidden)
			}
		})
	}
}

func patchNode(ctx context.Context, client kubernetes.Interface, node, patch string) error {
	_, err := client.CoreV1().Nodes().Patch(ctx, node, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	return err
}
