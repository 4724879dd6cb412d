package kubelet

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	goruntime "runtime"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// Node is what a kubelet knows of its node when it registers.
type Node struct {
	Name string
	// Addresses become InternalIPs, in this order.
	Addresses []netip.Addr
	// Labels are added to those that every kubelet sets (hostname, os, arch).
	Labels map[string]string
	// Annotations are what a kubelet may bring, though it has no flag for them.
	Annotations map[string]string
	// Taints are those of --register-with-taints.
	Taints []corev1.Taint
}

// Join does what a kubelet does when it starts: it creates its Node, not Ready yet, takes an existing one as it is,
// starts its lease, and then reports itself Ready.
func (f *Fleet) Join(ctx context.Context, node Node) error {
	client, err := f.identity(node.Name)
	if err != nil {
		return fmt.Errorf("joining node %s: %w", node.Name, err)
	}
	m := &member{Node: node, client: client}
	_, err = client.CoreV1().Nodes().Create(ctx, m.object(), metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("joining node %s: creating it: %w", node.Name, err)
	}
	if err := m.renewLease(ctx); err != nil {
		return fmt.Errorf("joining node %s: %w", node.Name, err)
	}
	if err := m.postStatus(ctx); err != nil {
		return fmt.Errorf("joining node %s: %w", node.Name, err)
	}
	f.add(m)
	return nil
}

// PostStatus has a node report its status again, as a kubelet does every five minutes and whenever it changes.
func (f *Fleet) PostStatus(ctx context.Context, name string) error {
	m, ok := f.member(name)
	if !ok {
		return fmt.Errorf("posting the status of node %s: it has not joined", name)
	}
	return m.postStatus(ctx)
}

func (m *member) object() *corev1.Node {
	labels := map[string]string{
		corev1.LabelHostname:   m.Name,
		corev1.LabelOSStable:   goruntime.GOOS,
		corev1.LabelArchStable: goruntime.GOARCH,
	}
	maps.Copy(labels, m.Labels)
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: m.Name, Labels: labels, Annotations: m.Annotations},
		Spec:       corev1.NodeSpec{Taints: m.Taints},
		Status:     m.status(corev1.ConditionFalse, "KubeletNotReady", "kubelet is starting"),
	}
}

// postStatus patches as the kubelet does, so that its conditions merge with those of others.
func (m *member) postStatus(ctx context.Context) error {
	patch, err := m.statusPatch()
	if err != nil {
		return fmt.Errorf("posting the status of node %s: %w", m.Name, err)
	}
	_, err = m.client.CoreV1().Nodes().Patch(ctx, m.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	if err != nil {
		return fmt.Errorf("posting the status of node %s: %w", m.Name, err)
	}
	return nil
}

// statusPatch replaces the addresses as a whole: merged by their type, two InternalIPs would become one
// (https://issue.k8s.io/79391).
func (m *member) statusPatch() ([]byte, error) {
	status := m.status(corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status")
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&status)
	if err != nil {
		return nil, err
	}
	addresses, _ := fields["addresses"].([]any)
	fields["addresses"] = append([]any{map[string]any{"$patch": "replace"}}, addresses...)
	return json.Marshal(map[string]any{"status": fields})
}

func (m *member) status(ready corev1.ConditionStatus, reason, message string) corev1.NodeStatus {
	now := metav1.Now()
	condition := func(kind corev1.NodeConditionType, status corev1.ConditionStatus, reason, message string) corev1.NodeCondition {
		return corev1.NodeCondition{
			Type: kind, Status: status, Reason: reason, Message: message, LastHeartbeatTime: now, LastTransitionTime: now,
		}
	}
	resources := corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse("16"),
		corev1.ResourceMemory: resource.MustParse("64Gi"),
		corev1.ResourcePods:   resource.MustParse("110"),
	}
	return corev1.NodeStatus{
		Capacity:    resources,
		Allocatable: resources,
		Addresses:   m.addresses(),
		NodeInfo: corev1.NodeSystemInfo{
			OperatingSystem: goruntime.GOOS, Architecture: goruntime.GOARCH, OSImage: "stand-in", KubeletVersion: "stand-in",
		},
		Conditions: []corev1.NodeCondition{
			condition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", ""),
			condition(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", ""),
			condition(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID", ""),
			condition(corev1.NodeReady, ready, reason, message),
		},
	}
}

func (m *member) addresses() []corev1.NodeAddress {
	addresses := make([]corev1.NodeAddress, 0, len(m.Addresses)+1)
	for _, address := range m.Addresses {
		addresses = append(addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: address.String()})
	}
	return append(addresses, corev1.NodeAddress{Type: corev1.NodeHostName, Address: m.Name})
}
