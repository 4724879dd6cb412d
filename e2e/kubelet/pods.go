package kubelet

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
)

// podNetwork is where pod IPs come from. Nothing listens there.
var podNetwork = netip.MustParsePrefix("10.244.0.0/16")

// onlyBound selects the pods that the scheduler has placed.
func onlyBound(options *metav1.ListOptions) {
	options.FieldSelector = fields.OneTermNotEqualSelector("spec.nodeName", "").String()
}

func (f *Fleet) enqueue(pod *corev1.Pod) {
	f.queue.Add(types.NamespacedName{Namespace: pod.Namespace, Name: pod.Name})
}

// work syncs pods until the queue is shut down.
func (f *Fleet) work(ctx context.Context) {
	for {
		key, shutdown := f.queue.Get()
		if shutdown {
			return
		}
		if err := f.syncPod(ctx, key); err != nil {
			// Expected for a moment after binding: the Node authorizer lags a little behind.
			klog.FromContext(ctx).V(2).Info("Pod not synced, trying again", "pod", key, "err", err)
			f.queue.AddRateLimited(key)
		} else {
			f.queue.Forget(key)
		}
		f.queue.Done(key)
	}
}

func (f *Fleet) syncPod(ctx context.Context, key types.NamespacedName) error {
	object, exists, err := f.informer.GetStore().GetByKey(key.String())
	if err != nil || !exists {
		return err
	}
	pod := object.(*corev1.Pod)
	m, ours := f.member(pod.Spec.NodeName)
	switch {
	case !ours:
		return nil
	case pod.DeletionTimestamp != nil:
		return m.remove(ctx, pod)
	case pod.Status.Phase == corev1.PodPending:
		return m.run(ctx, pod, f.nextPodIP)
	default:
		return nil
	}
}

// nextPodIP gives an address again only after 65534 others.
func (f *Fleet) nextPodIP() netip.Addr {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.podIPs = f.podIPs%(1<<16-2) + 1
	base := podNetwork.Addr().As4()
	var ip [4]byte
	binary.BigEndian.PutUint32(ip[:], binary.BigEndian.Uint32(base[:])+f.podIPs)
	return netip.AddrFrom4(ip)
}

// remove does the last step of a pod's termination.
func (m *member) remove(ctx context.Context, pod *corev1.Pod) error {
	err := m.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: new(int64(0)),
		Preconditions:      metav1.NewUIDPreconditions(string(pod.UID)),
	})
	// Gone already, or another pod of the same name.
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return fmt.Errorf("deleting the pod: %w", err)
	}
	return nil
}

// run reports a pod's containers as started and ready.
func (m *member) run(ctx context.Context, pod *corev1.Pod, podIP func() netip.Addr) error {
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": pod.UID},
		"status":   m.runningStatus(pod, podIP),
	})
	if err != nil {
		return err
	}
	_, err = m.client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.StrategicMergePatchType, patch,
		metav1.PatchOptions{}, "status")
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("reporting the pod as running: %w", err)
	}
	return nil
}

func (m *member) runningStatus(pod *corev1.Pod, podIP func() netip.Addr) corev1.PodStatus {
	now := metav1.Now()
	status := corev1.PodStatus{Phase: corev1.PodRunning, StartTime: &now}
	for _, kind := range []corev1.PodConditionType{
		corev1.PodReadyToStartContainers, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady,
	} {
		status.Conditions = append(status.Conditions, corev1.PodCondition{
			Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: now,
		})
	}
	for _, container := range pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: container.Name, Image: container.Image, Ready: true, Started: new(true),
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
		})
	}
	m.addressPod(pod, &status, podIP)
	return status
}

func (m *member) addressPod(pod *corev1.Pod, status *corev1.PodStatus, podIP func() netip.Addr) {
	if len(m.Addresses) > 0 {
		status.HostIP = m.Addresses[0].String()
		status.HostIPs = []corev1.HostIP{{IP: status.HostIP}}
	}
	if pod.Spec.HostNetwork {
		status.PodIP = status.HostIP
	} else {
		status.PodIP = podIP().String()
	}
	if status.PodIP != "" {
		status.PodIPs = []corev1.PodIP{{IP: status.PodIP}}
	}
}
