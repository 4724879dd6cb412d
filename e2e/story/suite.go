// Package story is what the end-to-end tests have in common: a cluster with Peergate installed, nodes and routers of
// each test's own, and questions to the API server that wait for an answer.
package story

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/controlplane"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/kubelet"
)

// Patience is how long a test waits for what must come true. It is far more than it takes, for machines that are busy.
const Patience = time.Minute

// Label is what the nodes of a test carry, and its routers and policies select, so that tests share a cluster.
const Label = "peergate.dev/e2e"

// Taint is the key of the shipped taint.
const Taint = "bgp-unpeered"

// Suite is a cluster with Peergate installed.
type Suite struct {
	*controlplane.Cluster
	Peergate *install.Peergate
}

// Main runs a package's tests on one cluster, with the whole of the shipped configuration. set is called before them.
func Main(m *testing.M, o install.Options, set func(*Suite)) int {
	logs, err := os.MkdirTemp("", "peergate-story-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	log.SetLogger(logr.Discard())
	var suite *Suite
	code := controlplane.Main(m, controlplane.Options{LogDir: logs, Progress: os.Stderr}, func(ctx context.Context, c *controlplane.Cluster) error {
		o.LogDir, o.Progress = logs, os.Stderr
		var err error
		suite, err = start(ctx, c, o)
		set(suite)
		return err
	})
	if suite != nil && suite.Peergate != nil {
		if err := suite.Peergate.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	if code != 0 {
		fmt.Fprintln(os.Stderr, "the logs of this run are in", logs)
		return code
	}
	_ = os.RemoveAll(logs)
	return code
}

// start starts the rest of the control plane, and installs. The Suite has no Peergate if that fails.
func start(ctx context.Context, c *controlplane.Cluster, o install.Options) (*Suite, error) {
	for _, component := range []func(context.Context) error{c.StartScheduler, c.StartControllerManager, c.StartCertManager} {
		if err := component(ctx); err != nil {
			return &Suite{Cluster: c}, err
		}
	}
	peergate, err := install.Install(ctx, c, o)
	return &Suite{Cluster: c, Peergate: peergate}, err
}

// Story is one test's part of a Suite.
type Story struct {
	*Suite
	testing.TB
	// ID is the value of Label on everything of this test, and the name of what it has one of.
	ID string
	// Client may do everything.
	Client client.Client
}

// New begins a test.
func (s *Suite) New(t testing.TB) *Story {
	t.Helper()
	st := &Story{Suite: s, TB: t, ID: name(t.Name())}
	st.Client = st.As(s.Config())
	return st
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

func name(test string) string {
	n := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(strings.TrimPrefix(test, "Test")), "-"), "-")
	return strings.Trim(n[max(0, len(n)-40):], "-")
}

// Scheme knows the kinds of Kubernetes and of Peergate.
func Scheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		panic(err) // two registrations of one kind, which a test run cannot cause
	}
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		panic(err)
	}
	return scheme
}

// Selector takes the nodes of this test.
func (s *Story) Selector() *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{Label: s.ID}}
}

// Create creates an object that is deleted with the test.
func (s *Story) Create(o client.Object) {
	s.Helper()
	if err := s.Client.Create(s.Context(), o); err != nil {
		s.Fatalf("creating %T %s: %v", o, o.GetName(), err)
	}
	s.Cleanup(func() {
		if err := s.Client.Delete(context.Background(), o); err != nil && !apierrors.IsNotFound(err) {
			s.Errorf("deleting %T %s: %v", o, o.GetName(), err)
		}
	})
}

// Policy creates a PeeringPolicy of the defaults for the nodes of this test, but that it damps no flaps: what takes half
// an hour in a cluster happens in a story over and over.
func (s *Story) Policy(change ...func(*v1alpha1.PeeringPolicySpec)) *v1alpha1.PeeringPolicy {
	s.Helper()
	p := &v1alpha1.PeeringPolicy{ObjectMeta: metav1.ObjectMeta{Name: s.ID}}
	p.Spec.NodeSelector, p.Spec.FlapDamping = s.Selector(), &metav1.Duration{}
	for _, f := range change {
		f(&p.Spec)
	}
	s.Create(p)
	return p
}

// Join has a node join, with its own kubelet's identity; change may add to what it brings.
func (s *Story) Join(node, address string, change ...func(*kubelet.Node)) {
	s.Helper()
	n := kubelet.Node{Name: node, Labels: map[string]string{Label: s.ID}, Addresses: addresses(s, address)}
	for _, f := range change {
		f(&n)
	}
	if err := s.Kubelets().Join(s.Context(), n); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		s.Kubelets().Leave(node)
		err := s.Client.Delete(context.Background(), &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: node}})
		if client.IgnoreNotFound(err) != nil {
			s.Error(err)
		}
	})
}

// Node reads a node.
func (s *Story) Node(name string) *corev1.Node {
	s.Helper()
	var node corev1.Node
	if err := s.Client.Get(s.Context(), client.ObjectKey{Name: name}, &node); err != nil {
		s.Fatal(err)
	}
	return &node
}

// Eventually waits until ask returns nil, and fails the test with its last error if it does not in time.
func (s *Story) Eventually(what string, ask func(ctx context.Context) error) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), Patience)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	var last error
	for {
		err := ask(ctx)
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			s.Fatalf("%s: not within %s: %v", what, Patience, last)
		case <-ticker.C:
		}
	}
}

// EventuallyNode waits until ask returns nil of a node.
func (s *Story) EventuallyNode(name, what string, ask func(*corev1.Node) error) {
	s.Helper()
	s.Eventually("node "+name+" "+what, func(ctx context.Context) error {
		var node corev1.Node
		if err := s.Client.Get(ctx, client.ObjectKey{Name: name}, &node); err != nil {
			return err
		}
		return ask(&node)
	})
}

// EventuallyOpen waits until a node is released.
func (s *Story) EventuallyOpen(name string) {
	s.Helper()
	s.EventuallyNode(name, "is released", func(n *corev1.Node) error {
		if Tainted(n) {
			return fmt.Errorf("it has taint %s; %s", Taint, ConditionOf(n))
		}
		return nil
	})
}

// EventuallySays waits until condition BGPPeered of a node has the status and the reason.
func (s *Story) EventuallySays(name string, status corev1.ConditionStatus, reason string) {
	s.Helper()
	s.EventuallyNode(name, fmt.Sprintf("says %s %s", status, reason), func(n *corev1.Node) error {
		if c := Condition(n); c == nil || c.Status != status || c.Reason != reason {
			return fmt.Errorf("its condition is %s", ConditionOf(n))
		}
		return nil
	})
}

// EventuallyTold waits for an Event about an object, and returns its note.
func (s *Story) EventuallyTold(kind, name, reason string) (note string) {
	s.Helper()
	s.Eventually(fmt.Sprintf("%s %s has an Event %s", kind, name, reason), func(ctx context.Context) error {
		var seen []string
		for _, e := range s.Told(ctx, kind, name) {
			if e.Reason == reason {
				note = e.Note
				return nil
			}
			seen = append(seen, e.Reason)
		}
		return fmt.Errorf("it has only Events %v", seen)
	})
	return note
}

// Told are Peergate's Events about an object so far.
func (s *Story) Told(ctx context.Context, kind, name string) (told []eventsv1.Event) {
	s.Helper()
	var events eventsv1.EventList
	if err := s.Client.List(ctx, &events); err != nil {
		s.Log(err)
	}
	for _, e := range events.Items {
		if e.Regarding.Kind == kind && e.Regarding.Name == name && e.ReportingController == "peergate" {
			told = append(told, e)
		}
	}
	return told
}

// Tainted is true if a node carries Peergate's taint.
func Tainted(n *corev1.Node) bool {
	for _, t := range n.Spec.Taints {
		if t.Key == Taint {
			return true
		}
	}
	return false
}

// Condition is a node's condition BGPPeered, or nil.
func Condition(n *corev1.Node) *corev1.NodeCondition {
	for i := range n.Status.Conditions {
		if n.Status.Conditions[i].Type == v1alpha1.NodeConditionBGPPeered {
			return &n.Status.Conditions[i]
		}
	}
	return nil
}

// ConditionOf is a node's condition BGPPeered in words.
func ConditionOf(n *corev1.Node) string {
	c := Condition(n)
	if c == nil {
		return "no condition BGPPeered"
	}
	return fmt.Sprintf("BGPPeered=%s %s: %s", c.Status, c.Reason, c.Message)
}
