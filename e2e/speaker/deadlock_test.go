package speaker_test

import (
	"strings"
	"testing"
)

// TestDeadlock applies MetalLB as it is shipped, in the way that is recommended: its speaker, and frr-k8s, which holds the
// sessions. The node that joins stays held, until somebody types what the Events say.
func TestDeadlock(t *testing.T) {
	s := newScene(t, "metallb-frr-k8s", "frr-k8s-daemon")
	s.eventuallyDeadlocked()

	token := s.scraper()
	for _, name := range []string{"speaker", "frr-k8s-daemon"} {
		line := s.eventuallyTold(name)
		if !strings.HasPrefix(line, "kubectl ") {
			t.Fatalf("the Event on %s ends with %q, want a command", name, line)
		}
		s.eventuallyMetric(token, name, "0")
		s.shell(line)
		s.eventuallyMetric(token, name, "1")
	}
	s.eventuallyReleased()
	for _, name := range []string{"speaker", "frr-k8s-daemon"} {
		if notes := s.notes(t.Context(), name); len(notes) != 1 {
			t.Errorf("%s was told of %d times: %q", name, len(notes), notes)
		}
	}
	s.shell("kubectl get events -A --field-selector reason=TaintNotTolerated | grep daemonset/speaker")
	s.shell("kubectl -n metallb-system label daemonset speaker peergate.dev/speaker=false")
	s.eventuallyMetric(token, "speaker", "")
}
