package story

import (
	"bufio"
	"bytes"
	"strconv"
	"strings"

	"k8s.io/client-go/kubernetes"
)

// shippedReplicas is what the shipped Deployment has.
const shippedReplicas = 2

// WithoutManager calls f while no replica of the manager runs: no webhook is served, and nothing is decided.
func (s *Story) WithoutManager(f func()) {
	s.Helper()
	if err := s.Peergate.Stop(); err != nil {
		s.Fatal(err)
	}
	defer func() {
		for range shippedReplicas {
			if _, err := s.Peergate.StartReplica(s.Context()); err != nil {
				s.Error(err)
			}
		}
	}()
	f()
}

// WebhookCalls is how often the API server has called a webhook, by its own count.
func (s *Story) WebhookCalls(webhook string) int {
	s.Helper()
	clientset, err := kubernetes.NewForConfig(s.Config())
	if err != nil {
		s.Fatal(err)
	}
	metrics, err := clientset.RESTClient().Get().AbsPath("/metrics").DoRaw(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	calls := 0
	for lines := bufio.NewScanner(bytes.NewReader(metrics)); lines.Scan(); {
		series, value, _ := strings.Cut(lines.Text(), "} ")
		if !strings.HasPrefix(series, "apiserver_admission_webhook_request_total{") ||
			!strings.Contains(series, `name="`+webhook+`"`) {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			s.Fatalf("reading %s: %v", lines.Text(), err)
		}
		calls += n
	}
	return calls
}
