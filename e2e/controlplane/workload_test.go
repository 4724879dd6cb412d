package controlplane_test

import (
	"context"
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// deployment runs on one node only: other tests leave nodes behind that have fallen silent.
func deployment(namespace, node string, replicas int32) *appsv1.Deployment {
	labels := map[string]string{"app": namespace}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(replicas),
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					NodeSelector: map[string]string{corev1.LabelHostname: node},
					Containers:   []corev1.Container{{Name: "web", Image: "web"}},
				},
			},
		},
	}
}

func waitAvailable(t *testing.T, namespace string, want int32) {
	t.Helper()
	eventually(t, "available replicas", func(ctx context.Context) error {
		got, err := admin(t).AppsV1().Deployments(namespace).Get(ctx, "web", metav1.GetOptions{})
		if err == nil && got.Status.AvailableReplicas != want {
			err = fmt.Errorf("%d are available, want %d: %v", got.Status.AvailableReplicas, want, got.Status.Conditions)
		}
		return err
	})
}

func TestPodsOfADeploymentRunOnAStandInNodeAndGoAway(t *testing.T) {
	ctx := t.Context()
	namespace(t, "workload")
	if err := cluster.Node(ctx, "workload-1", "127.0.10.1"); err != nil {
		t.Fatal(err)
	}
	deployments := admin(t).AppsV1().Deployments("workload")
	if _, err := deployments.Create(ctx, deployment("workload", "workload-1", 3), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	waitAvailable(t, "workload", 3)

	pods, err := admin(t).CoreV1().Pods("workload").List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ips := map[string]bool{}
	for _, pod := range pods.Items {
		if pod.Spec.NodeName != "workload-1" || pod.Status.Phase != corev1.PodRunning || pod.Status.PodIP == "" || ips[pod.Status.PodIP] {
			t.Errorf("pod %s: node %q, phase %s, IP %q; want it Running on workload-1 with an IP of its own",
				pod.Name, pod.Spec.NodeName, pod.Status.Phase, pod.Status.PodIP)
		}
		ips[pod.Status.PodIP] = true
	}

	foreground := metav1.DeletePropagationForeground
	if err := deployments.Delete(ctx, "web", metav1.DeleteOptions{PropagationPolicy: &foreground}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "pods going away", func(ctx context.Context) error {
		pods, err := admin(t).CoreV1().Pods("workload").List(ctx, metav1.ListOptions{})
		if err == nil && len(pods.Items) > 0 {
			err = fmt.Errorf("%d pods left", len(pods.Items))
		}
		return err
	})
}

func TestAPIServerKeepsAddressAndDataOverARestart(t *testing.T) {
	ctx := t.Context()
	namespace(t, "restart")
	if err := cluster.Node(ctx, "restart-1", "127.0.11.1"); err != nil {
		t.Fatal(err)
	}
	deployments := admin(t).AppsV1().Deployments("restart")
	if _, err := deployments.Create(ctx, deployment("restart", "restart-1", 1), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	waitAvailable(t, "restart", 1)

	if err := cluster.StopAPIServer(); err != nil {
		t.Fatal(err)
	}
	if _, err := deployments.Get(ctx, "web", metav1.GetOptions{}); err == nil {
		t.Error("the API server answers after StopAPIServer")
	}
	if err := cluster.StopAPIServer(); err == nil {
		t.Error("StopAPIServer() = nil though it was stopped")
	}
	if err := cluster.StartAPIServer(ctx); err != nil {
		t.Fatal(err)
	}
	if err := cluster.StartAPIServer(ctx); err == nil {
		t.Error("StartAPIServer() = nil though it runs")
	}

	// Scheduler, controllers and kubelets carry on.
	scale := []byte(`{"spec":{"replicas":2}}`)
	if _, err := deployments.Patch(ctx, "web", types.MergePatchType, scale, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	waitAvailable(t, "restart", 2)
}
