package outage_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/controlplane/build"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

// TestUninstall runs the documented steps, and installs again.
func TestUninstall(t *testing.T) {
	s := story.Own(t, install.Options{}).New(t)
	router := s.NewRouter()
	router.Set("192.168.24.1", "Established")
	s.Policy()
	s.Declare(router)
	s.Join("confirmed", "192.168.24.1")
	s.Join("held", "192.168.24.2")
	s.Join("exempt", "192.168.24.5")
	if err := s.PatchNode(s.Client, "exempt", story.Annotate(v1alpha1.AnnotationExempt, "storage only")); err != nil {
		t.Fatal(err)
	}
	s.EventuallySays("exempt", corev1.ConditionTrue, "Exempt")
	s.EventuallyOpen("confirmed")
	s.EventuallySays("confirmed", corev1.ConditionTrue, "SessionEstablished")
	s.EventuallySays("held", corev1.ConditionFalse, "NeighborNotConfigured")

	runSteps(s)
	for _, name := range []string{"confirmed", "held", "exempt"} {
		node := s.Node(name)
		if story.Tainted(node) || story.Condition(node) != nil {
			t.Errorf("uninstalling left on node %s taints %v, %s", name, node.Spec.Taints, story.ConditionOf(node))
		}
	}
	for _, object := range remains(s) {
		t.Errorf("uninstalling left %s", object)
	}
	history := s.Follow("afterwards")
	s.Join("afterwards", "192.168.24.3")
	for _, state := range history.States() {
		if story.Tainted(state) {
			t.Fatalf("a node that joined after uninstalling has taints %v", state.Spec.Taints)
		}
	}

	again, err := install.Install(t.Context(), s.Cluster, install.Options{LogDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := again.Stop(); err != nil {
			t.Error(err)
		}
	})
	s.Policy()
	s.Declare(router)
	s.Join("anew", "192.168.24.4")
	s.EventuallySays("anew", corev1.ConditionFalse, "NeighborNotConfigured")
	if !story.Tainted(s.Node("anew")) {
		t.Error("a node that joined after installing again is not held")
	}
	router.Set("192.168.24.4", "Established")
	s.EventuallyOpen("anew")
}

// runSteps runs the commands that config/default documents, as admin, in a shell like a person's.
func runSteps(s *story.Story) {
	s.Helper()
	config, err := build.Config("default")
	if err != nil {
		s.Fatal(err)
	}
	steps := documentedSteps(s, filepath.Join(config, "kustomization.yaml"))
	s.Log("the documented steps:\n" + steps)
	kubeconfig, err := s.Kubeconfig(s.Config())
	if err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.Context(), 2*time.Minute)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- stopWithDeployment(ctx, s) }()

	shell := exec.CommandContext(ctx, "bash", "-e", "-c", steps)
	shell.Dir = filepath.Dir(filepath.Dir(config))
	shell.Env = append(os.Environ(),
		"PATH="+filepath.Dir(s.Binaries().Kubectl)+string(filepath.ListSeparator)+os.Getenv("PATH"), "KUBECONFIG="+kubeconfig)
	began := time.Now()
	output, err := shell.CombinedOutput()
	if err != nil {
		s.Fatalf("the documented steps: %v\n%s", err, output)
	}
	s.Logf("they took %s and said:\n%s", time.Since(began).Round(time.Second), output)
	if err := <-stopped; err != nil {
		s.Error(err)
	}
}

// documentedSteps are the indented lines of the comment after the word uninstall.
func documentedSteps(s *story.Story, file string) string {
	s.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		s.Fatal(err)
	}
	_, comment, found := strings.Cut(string(content), "uninstall")
	if !found {
		s.Fatalf("%s does not say how to uninstall", file)
	}
	var steps []string
	for lines := bufio.NewScanner(strings.NewReader(comment)); lines.Scan(); {
		if step, ok := strings.CutPrefix(lines.Text(), "#   "); ok {
			steps = append(steps, step)
		}
	}
	if len(steps) == 0 {
		s.Fatalf("%s has no commands to uninstall", file)
	}
	return strings.Join(steps, "\n")
}

// stopWithDeployment does what kubelets do once the Deployment is deleted: it ends the replicas.
func stopWithDeployment(ctx context.Context, s *story.Story) error {
	clientset, err := kubernetes.NewForConfig(s.Config())
	if err != nil {
		return err
	}
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		_, err := clientset.AppsV1().Deployments(install.Namespace).Get(ctx, "peergate-manager", metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return s.Peergate.Stop()
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-ticker.C:
		}
	}
}

// remains lists every object of every kind that has Peergate's name, label or group; but for Events, which end by
// themselves.
func remains(s *story.Story) (found []string) {
	s.Helper()
	discoverer, err := discovery.NewDiscoveryClientForConfig(s.Config())
	if err != nil {
		s.Fatal(err)
	}
	lists, err := discoverer.ServerPreferredResources()
	if err != nil {
		s.Fatal(err)
	}
	client, err := dynamic.NewForConfig(s.Config())
	if err != nil {
		s.Fatal(err)
	}
	for _, list := range discovery.FilteredBy(discovery.SupportsAllVerbs{Verbs: []string{"list", "delete"}}, lists) {
		for _, resource := range list.APIResources {
			version, err := schema.ParseGroupVersion(list.GroupVersion)
			if err != nil {
				s.Fatal(err)
			}
			if resource.Name == "events" {
				continue
			}
			objects, err := client.Resource(version.WithResource(resource.Name)).List(s.Context(), metav1.ListOptions{})
			if err != nil {
				s.Fatalf("listing %s: %v", resource.Name, err)
			}
			for _, o := range objects.Items {
				if strings.Contains(o.GetName()+o.GetNamespace()+list.GroupVersion, "peergate") ||
					o.GetLabels()["app.kubernetes.io/part-of"] == "peergate" {
					found = append(found, o.GetKind()+" "+o.GetNamespace()+"/"+o.GetName())
				}
			}
		}
	}
	return found
}
