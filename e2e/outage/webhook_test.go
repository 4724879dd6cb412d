package outage_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

const (
	// webhookTimeout is timeoutSeconds of the shipped Node webhook.
	webhookTimeout = 2 * time.Second
	// joining is what a node takes to join besides, on a machine that is busy. Both together are less than the ten seconds
	// that a webhook has where nobody says how many.
	joining = 6 * time.Second
)

// TestWebhookAway: without its webhooks, Peergate keeps no node from joining, and the controller gives the taint to those
// that joined without.
func TestWebhookAway(t *testing.T) {
	s := suite.New(t)
	router := s.NewRouter()
	s.Declare(router)
	s.Join("older", "192.168.23.1")
	s.EventuallyOpen("older") // as no policy selects it
	afterTheSecondOf(s, s.Node("older"))
	s.Policy()
	s.EventuallySays("older", corev1.ConditionFalse, "NeighborNotConfigured")
	older := s.Follow("older")

	if err := s.Peergate.Stop(); err != nil {
		t.Fatal(err)
	}
	s.Route(install.Namespace, install.WebhookService, swallow(t))
	expectLateTaint(s, "no manager runs, and the address of its Service swallows connections", "unanswered", func() {
		replace(s)
		replace(s)
	})
	s.Route(install.Namespace, install.WebhookService)
	t.Cleanup(s.Peergate.RouteWebhooks)
	expectLateTaint(s, "the controller runs, and its Service has no endpoints", "unconnected", func() {})

	expectBypassCounted(s)
	s.EventuallySays("older", corev1.ConditionFalse, "NeighborNotConfigured")
	for _, state := range older.States() {
		if story.Tainted(state) {
			t.Fatalf("a node older than the policy was tainted: %s", story.ConditionOf(state))
		}
	}
}

// afterTheSecondOf waits until what is created is newer than the object: the API server's times have no fractions.
func afterTheSecondOf(s *story.Story, o client.Object) {
	s.Helper()
	s.Eventually("the second of "+o.GetName()+" is over", func(context.Context) error {
		if !time.Now().Truncate(time.Second).After(o.GetCreationTimestamp().Time) {
			return errors.New("not yet")
		}
		return nil
	})
}

// swallow returns an address that takes connections and never answers.
func swallow(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String()
}

// expectLateTaint has a node join, which must not take long, and expects it without the taint at first and with it once
// the controller runs.
func expectLateTaint(s *story.Story, when, node string, runController func()) {
	s.Helper()
	history := s.Follow(node)
	began := time.Now()
	s.Join(node, "192.168.23.2")
	took := time.Since(began)
	s.Logf("%s: the node joined within %s", when, took.Round(time.Millisecond))
	if took > webhookTimeout+joining {
		s.Errorf("the node took %s to join; the webhook may cost it %s", took, webhookTimeout)
	}
	runController()
	running := time.Now()
	s.EventuallyNode(node, "is tainted", func(n *corev1.Node) error {
		if !story.Tainted(n) {
			return fmt.Errorf("it is not; %s", story.ConditionOf(n))
		}
		return nil
	})
	s.Logf("the controller had tainted it after %s", time.Since(running).Round(time.Millisecond))
	if story.Tainted(history.States()[0]) {
		s.Error("the node carried the taint from its first write, so the webhook was not away")
	}
}

// expectBypassCounted expects the API server to say what the alert PeergateWebhookBypassed reads.
func expectBypassCounted(s *story.Story) {
	s.Helper()
	server, err := discovery.NewDiscoveryClientForConfig(s.Config())
	if err != nil {
		s.Fatal(err)
	}
	metrics, err := server.RESTClient().Get().AbsPath("/metrics").DoRaw(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	counted := regexp.MustCompile(`(?m)^apiserver_admission_webhook_fail_open_count\{name="node-taint\.peergate\.dev",type="admit"\} [1-9]`)
	if !counted.Match(metrics) {
		s.Error("the API server's metrics do not say that it did without the webhook")
	}
}
