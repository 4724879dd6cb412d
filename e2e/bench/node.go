package main

import (
	"crypto/sha256"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/taint"
)

// images is how many images each node reports: the kubelet's default limit (nodeStatusMaxImages).
const images = 50

func newName(set string, i int) string { return fmt.Sprintf("%s-%05d", set, i) }

// newNode is a Node as a kubelet registers it, of the size that Nodes have. Their names are by set and number.
func newNode(set string, i int) *corev1.Node {
	n := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: newName(set, i), Labels: map[string]string{
			corev1.LabelArchStable: "amd64", corev1.LabelOSStable: "linux", corev1.LabelHostname: newName(set, i),
			corev1.LabelTopologyZone: "zone-a", corev1.LabelInstanceTypeStable: "rack-server", "example.org/rack": fmt.Sprint("rack-", i/40),
		}, Annotations: map[string]string{
			"node.alpha.kubernetes.io/ttl":                           "0",
			"volumes.kubernetes.io/controller-managed-attach-detach": "true",
			"csi.volume.kubernetes.io/nodeid":                        fmt.Sprintf(`{"csi.example.org":%q}`, newName(set, i)),
		}},
		Status: corev1.NodeStatus{
			Addresses:  []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: address(i)}},
			NodeInfo:   corev1.NodeSystemInfo{OperatingSystem: "linux", Architecture: "amd64", OSImage: "Debian GNU/Linux 13 (trixie)", KubeletVersion: "v1.37.2"},
			Conditions: kubeletConditions(metav1.Now()),
			Capacity: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse("16"), corev1.ResourceMemory: resource.MustParse("64Gi"), corev1.ResourcePods: resource.MustParse("110"),
			},
		},
	}
	n.Status.Allocatable = n.Status.Capacity
	for j := range images {
		repository := fmt.Sprintf("registry.example.org/team-%02d/application-%02d", j%7, j)
		n.Status.Images = append(n.Status.Images, corev1.ContainerImage{SizeBytes: int64(j) << 20, Names: []string{
			fmt.Sprintf("%s@sha256:%x", repository, sha256.Sum256([]byte(repository))), fmt.Sprintf("%s:v1.%d.0", repository, j),
		}})
	}
	return n
}

// kubeletConditions are those that a kubelet reports, with a heartbeat.
func kubeletConditions(at metav1.Time) []corev1.NodeCondition {
	condition := func(kind corev1.NodeConditionType, status corev1.ConditionStatus, reason, message string) corev1.NodeCondition {
		return corev1.NodeCondition{Type: kind, Status: status, Reason: reason, Message: message, LastHeartbeatTime: at, LastTransitionTime: at}
	}
	return []corev1.NodeCondition{
		condition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
		condition(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
		condition(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
		condition(corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status"),
	}
}

// ownTaint is the shipped one.
var ownTaint = func() corev1.Taint {
	t, err := taint.Parse(taint.Default)
	if err != nil {
		panic(err) // the default is well-formed
	}
	return t
}()

func tainted(n *corev1.Node) bool { return taint.Has(n.Spec.Taints, ownTaint) }

// peering is condition BGPPeered, or nil.
func peering(n *corev1.Node) *corev1.NodeCondition {
	for i := range n.Status.Conditions {
		if n.Status.Conditions[i].Type == v1alpha1.NodeConditionBGPPeered {
			return &n.Status.Conditions[i]
		}
	}
	return nil
}

func says(n *corev1.Node, status corev1.ConditionStatus) bool {
	c := peering(n)
	return c != nil && c.Status == status
}
