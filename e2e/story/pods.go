package story

import (
	"context"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// PinnedApp creates a Deployment of one pod that only the node can take, and returns the value of its label app.
func (s *Story) PinnedApp(node string) string {
	s.Helper()
	labels := map[string]string{"app": s.ID}
	s.Create(&appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: s.ID},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					NodeSelector: map[string]string{corev1.LabelHostname: node},
					Containers:   []corev1.Container{{Name: "app", Image: "example.invalid/app"}},
				},
			},
		},
	})
	return s.ID
}

// EventuallyPod waits until ask returns nil of the one pod of an app.
func (s *Story) EventuallyPod(app, what string, ask func(*corev1.Pod) error) {
	s.Helper()
	s.Eventually("the pod of "+app+" "+what, func(ctx context.Context) error {
		var pods corev1.PodList
		if err := s.Client.List(ctx, &pods, client.InNamespace(metav1.NamespaceDefault), client.MatchingLabels{"app": app}); err != nil {
			return err
		}
		if len(pods.Items) != 1 {
			return fmt.Errorf("there are %d pods", len(pods.Items))
		}
		return ask(&pods.Items[0])
	})
}

// RefusedForTaint returns nil of a pod that the scheduler says it cannot place because of a taint. It does not say
// which.
func RefusedForTaint(pod *corev1.Pod) error {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && strings.Contains(c.Message, "untolerated taint") {
			return nil
		}
	}
	return fmt.Errorf("it is on node %q with conditions %v", pod.Spec.NodeName, pod.Status.Conditions)
}

// RunsOn returns a function that returns nil of a pod that runs on the node.
func RunsOn(node string) func(*corev1.Pod) error {
	return func(pod *corev1.Pod) error {
		if pod.Spec.NodeName != node || pod.Status.Phase != corev1.PodRunning {
			return fmt.Errorf("it is %s on node %q", pod.Status.Phase, pod.Spec.NodeName)
		}
		return nil
	}
}

// WatchNode returns every state of a node from now on, as the scheduler would see them.
func (s *Story) WatchNode(name string) <-chan *corev1.Node {
	s.Helper()
	clientset, err := kubernetes.NewForConfig(s.Config())
	if err != nil {
		s.Fatal(err)
	}
	list, err := clientset.CoreV1().Nodes().List(s.Context(), metav1.ListOptions{})
	if err != nil {
		s.Fatal(err)
	}
	w, err := clientset.CoreV1().Nodes().Watch(s.Context(), metav1.ListOptions{
		FieldSelector: "metadata.name=" + name, ResourceVersion: list.ResourceVersion,
	})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(w.Stop)
	states := make(chan *corev1.Node, 1000)
	go func() {
		defer close(states)
		for event := range w.ResultChan() {
			if node, ok := event.Object.(*corev1.Node); ok && event.Type != watch.Deleted {
				states <- node
			}
		}
	}()
	return states
}
