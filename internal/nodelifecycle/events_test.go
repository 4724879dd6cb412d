package nodelifecycle

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/events"

	"github.com/peergate/peergate/internal/metrics"
	"github.com/peergate/peergate/internal/verdict"
)

// TestKindOfEvent: a node that is opened with a warning is not told of among what is usual.
func TestKindOfEvent(t *testing.T) {
	said := func(status corev1.ConditionStatus, reason verdict.Reason) verdict.Condition {
		return verdict.Condition{Change: verdict.SetCondition, Status: status, Reason: reason, Message: "…"}
	}
	warned := []verdict.Answer{{Warnings: []string{"has had the session for long"}}}
	for name, test := range map[string]struct {
		decision verdict.Decision
		want     string
	}{
		"opened":                {verdict.Decision{State: verdict.Peered, Condition: said(corev1.ConditionTrue, "SessionEstablished")}, "Normal SessionEstablished"},
		"opened with a warning": {verdict.Decision{State: verdict.Peered, Condition: said(corev1.ConditionTrue, "SessionEstablished"), Answers: warned}, "Warning SessionEstablished"},
		"held":                  {verdict.Decision{State: verdict.Held, Condition: said(corev1.ConditionFalse, "SessionDown")}, "Warning SessionDown"},
		"selected by none":      {verdict.Decision{State: verdict.Unselected}, "Normal NotSelected"},
	} {
		recorder := events.NewFakeRecorder(1)
		r := &Reconciler{Recorder: recorder}
		r.record(t.Context(), &corev1.Node{}, test.decision, metrics.TaintRemoved)
		if got := <-recorder.Events; !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
