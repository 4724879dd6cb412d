package nodelifecycle

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/verdict"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) metav1.Time { return metav1.NewTime(now.Add(-d)) }

func TestWriteCondition(t *testing.T) {
	const message = "Held: the taint keeps pods away.\nRouter edge says Idle."
	have := func(change ...func(*corev1.NodeCondition)) *corev1.NodeCondition {
		c := &corev1.NodeCondition{
			Type: v1alpha1.NodeConditionBGPPeered, Status: corev1.ConditionFalse, Reason: "SessionDown", Message: message,
			LastHeartbeatTime: ago(20 * time.Second), LastTransitionTime: ago(time.Hour),
		}
		for _, f := range change {
			f(c)
		}
		return c
	}
	want := func(message string) verdict.Condition {
		return verdict.Condition{Change: verdict.SetCondition, Status: corev1.ConditionFalse, Reason: verdict.ReasonSessionDown, Message: message}
	}
	type outcome struct {
		Writes     bool
		News       bool
		Transition metav1.Time
		After      time.Duration
	}
	tests := map[string]struct {
		have *corev1.NodeCondition
		want verdict.Condition
		out  outcome
	}{
		"none yet":             {nil, want(message), outcome{Writes: true, News: true, Transition: ago(0)}},
		"as it is":             {have(), want(message), outcome{}},
		"to be left":           {have(), verdict.Condition{Change: verdict.LeaveCondition}, outcome{}},
		"to be dropped":        {have(), verdict.Condition{Change: verdict.DropCondition}, outcome{Writes: true, News: true}},
		"dropped already":      {nil, verdict.Condition{Change: verdict.DropCondition}, outcome{}},
		"another reason":       {have(func(c *corev1.NodeCondition) { c.Reason = "NotConnected" }), want(message), outcome{Writes: true, News: true, Transition: ago(time.Hour)}},
		"another status":       {have(func(c *corev1.NodeCondition) { c.Status = corev1.ConditionUnknown }), want(message), outcome{Writes: true, News: true, Transition: ago(0)}},
		"another headline":     {have(), want("Lost: the taint keeps new pods away.\nRouter edge says Idle."), outcome{Writes: true, Transition: ago(time.Hour)}},
		"a router's words":     {have(), want("Held: the taint keeps pods away.\nRouter edge says Active."), outcome{After: 40 * time.Second}},
		"words an hour before": {have(func(c *corev1.NodeCondition) { c.LastHeartbeatTime = ago(-time.Hour) }), want("Held: the taint keeps pods away.\nRouter edge says Active."), outcome{Writes: true, Transition: ago(time.Hour)}},
		"words a minute on":    {have(func(c *corev1.NodeCondition) { c.LastHeartbeatTime = ago(time.Minute) }), want("Held: the taint keeps pods away.\nRouter edge says Active."), outcome{Writes: true, Transition: ago(time.Hour)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			node := &corev1.Node{}
			if test.have != nil {
				node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady}, *test.have}
			}
			w := writeCondition(node, test.want, now)
			got := outcome{Writes: w.element != nil, News: w.news, After: w.after}
			if c, ok := w.element.(corev1.NodeCondition); ok {
				got.Transition = c.LastTransitionTime
			}
			if diff := cmp.Diff(test.out, got); diff != "" {
				t.Errorf("write (-want +got):\n%s", diff)
			}
		})
	}
}

// TestReplaceTaints holds the form of the patch; that the API server refuses it when the taints have changed, and takes
// it when anything else has, is proven against a real one.
func TestReplaceTaints(t *testing.T) {
	one := []corev1.Taint{{Key: "a", Effect: corev1.TaintEffectNoSchedule}}
	tests := map[string]struct {
		old, next []corev1.Taint
		want      string
	}{
		"the first": {nil, one, `[{"op":"test","path":"/spec/taints","value":null},{"op":"add","path":"/spec/taints","value":[{"key":"a","effect":"NoSchedule"}]}]`},
		"the last":  {one, nil, `[{"op":"test","path":"/spec/taints","value":[{"key":"a","effect":"NoSchedule"}]},{"op":"remove","path":"/spec/taints","value":null}]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(replaceTaints(test.old, test.next))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("patch (-want +got):\n%s", diff)
			}
		})
	}
}
