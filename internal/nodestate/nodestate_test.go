package nodestate_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"pgregory.net/rapid"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/nodestate"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

var (
	now = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	own = corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}
)

// TestStateIsThatOfTheDecision: what a person reads off the Node is what the manager decided, whatever it decided.
func TestStateIsThatOfTheDecision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		d := verdict.Decide(in)
		if d.Condition.Change == verdict.LeaveCondition {
			return // the Node says what it said before
		}
		node := written(in, d)
		if got := nodestate.Of(node, len(in.Policies) > 0, own); got != d.State {
			t.Fatalf("the Node says %s, and the manager decided %s:\n%s", got, d.State, d.Condition.Message)
		}
	})
}

// written is the Node once the decision is written.
func written(in verdict.Input, d verdict.Decision) *corev1.Node {
	node := &corev1.Node{}
	if in.Node.Exempt != "" {
		node.Annotations = map[string]string{v1alpha1.AnnotationExempt: in.Node.Exempt}
	}
	if d.Taint == verdict.AddTaint || (d.Taint == verdict.LeaveTaint && in.Node.Tainted) {
		node.Spec.Taints = []corev1.Taint{own}
	}
	if d.Condition.Change == verdict.SetCondition {
		node.Status.Conditions = []corev1.NodeCondition{{
			Type: v1alpha1.NodeConditionBGPPeered, Status: d.Condition.Status, Reason: string(d.Condition.Reason), Message: d.Condition.Message,
		}}
	}
	return node
}

func drawInput(t *rapid.T) verdict.Input {
	in := verdict.Input{Now: now, Node: verdict.Node{
		CreatedAt: now.Add(-time.Hour), SeenAt: now.Add(-time.Minute),
		Exempt:    rapid.SampledFrom([]string{"", "", "", "", "no BGP"}).Draw(t, "exempt"),
		Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1")},
		Tainted:   rapid.Bool().Draw(t, "tainted"),
		Confirmed: rapid.Bool().Draw(t, "confirmed"),
		TaintedAt: now.Add(-time.Minute),
	}}
	if rapid.Bool().Draw(t, "flaps") {
		in.Node.ReopenedAt = now.Add(-2 * time.Minute)
	}
	for range rapid.IntRange(0, 2).Draw(t, "policies") {
		in.Policies = append(in.Policies, verdict.Policy{
			Name:           rapid.SampledFrom([]string{"default", "racks"}).Draw(t, "policy"),
			CreatedAt:      now.Add(time.Duration(rapid.IntRange(-2, 0).Draw(t, "policy's age")) * time.Hour),
			Mode:           rapid.SampledFrom([]v1alpha1.Mode{v1alpha1.ModeContinuous, v1alpha1.ModeBootstrap, v1alpha1.ModeReport}).Draw(t, "mode"),
			MinEstablished: rapid.SampledFrom([]intstr.IntOrString{intstr.FromString("100%"), intstr.FromInt32(1)}).Draw(t, "minEstablished"),
			LossGrace:      150 * time.Second,
			Families:       rapid.SampledFrom([]v1alpha1.Families{v1alpha1.FamiliesAny, v1alpha1.FamiliesIPv6}).Draw(t, "families"),
			FlapDamping:    rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(t, "flapDamping"),
			ReleaseAfter:   rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(t, "releaseAfter"),
			Guarded:        rapid.Bool().Draw(t, "guarded"),
		})
	}
	for _, name := range []string{"tor-a", "tor-b"}[:rapid.IntRange(0, 2).Draw(t, "routers")] {
		in.Routers = append(in.Routers, drawEvidence(t, name))
	}
	return in
}

func drawEvidence(t *rapid.T, router string) verdict.Evidence {
	e := verdict.Evidence{Router: router, AskedAt: now, StaleAfter: time.Minute}
	session := verdict.Session{Session: routerclient.Session{VRF: routerclient.DefaultVRF, Peer: netip.MustParseAddr("192.0.2.1")}}
	switch rapid.SampledFrom([]string{"up", "down", "absent", "silent", "listening"}).Draw(t, router) {
	case "up":
		session.State, session.EstablishedSince = routerclient.Established, now.Add(-time.Minute)
		session.PolicyBlocked = rapid.Bool().Draw(t, "blocked")
		e.Sessions = []verdict.Session{session}
	case "down":
		session.State, session.Detail = routerclient.Idle, "Bad Peer AS"
		e.Sessions = []verdict.Session{session}
	case "silent":
		e.AskedAt, e.Failure = time.Time{}, &verdict.Failure{Reason: routerclient.ReasonUnreachable, Message: "connection refused"}
	case "listening":
		e.ListenRange = true
	default:
		e.Remedy = routerclient.Remedy{Lines: []string{"configure", "set neighbor 192.0.2.1"}, Note: "Replace nothing."}
	}
	return e
}

// TestParseLosesNoWord: a message that is taken apart has every word that package verdict wrote, in its place.
func TestParseLosesNoWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		message := verdict.Decide(in).Condition.Message
		said := nodestate.Parse(message)
		if diff := cmp.Diff(message, joined(said)); diff != "" {
			t.Fatalf("the message put together again (-want +got):\n%s", diff)
		}
		for _, e := range in.Routers {
			r, named := said.Of(e.Router)
			if named && strings.Contains(r.Sentences[0], "has no neighbor") {
				if diff := cmp.Diff(e.Remedy.Lines, r.Lines); diff != "" {
					t.Fatalf("the lines to type on %s (-want +got):\n%s", e.Router, diff)
				}
				if r.Note != e.Remedy.Note {
					t.Fatalf("the note for %s is %q, want %q", e.Router, r.Note, e.Remedy.Note)
				}
			}
		}
	})
}

// joined writes a message as package verdict does.
func joined(said nodestate.Said) string {
	var lines []string
	if said.Headline != "" {
		lines = append(lines, said.Headline)
	}
	for _, r := range said.Routers {
		lines = append(lines, r.Sentences...)
		if len(r.Lines) > 0 {
			lines = append(lines, "Type on "+r.Router+":")
		}
		for _, line := range r.Lines {
			lines = append(lines, "  "+line)
		}
		if r.Note != "" {
			lines = append(lines, r.Note)
		}
	}
	return strings.Join(lines, "\n")
}

// TestStateOfANodeThatIsNotJudged: the manager has not got to it, or has written nothing for want of anything to say.
func TestStateOfANodeThatIsNotJudged(t *testing.T) {
	tainted := &corev1.Node{Spec: corev1.NodeSpec{Taints: []corev1.Taint{own}}}
	unexempted := &corev1.Node{Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{{
		Type: v1alpha1.NodeConditionBGPPeered, Status: corev1.ConditionTrue, Reason: "Exempt", Message: "Exempt, so no router is asked about this node: storage",
	}}}}
	tests := map[string]struct {
		node     *corev1.Node
		selected bool
		want     verdict.State
	}{
		"new, with the taint":        {tainted, true, verdict.Held},
		"new, without it":            {&corev1.Node{}, true, verdict.Undecided},
		"under no policy":            {tainted, false, verdict.Unselected},
		"exemption just taken back":  {unexempted, true, verdict.Undecided},
		"an exemption without words": {&corev1.Node{ObjectMeta: annotated(v1alpha1.AnnotationExempt, "  ")}, true, verdict.Undecided},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := nodestate.Of(test.node, test.selected, own); got != test.want {
				t.Errorf("it is %s, want %s", got, test.want)
			}
		})
	}
}

func annotated(key, value string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Annotations: map[string]string{key: value}}
}

// FuzzParse takes apart what anybody may have written into a condition.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "verdict", "testdata", "*.txt"))
	if err != nil || len(files) == 0 {
		f.Fatal("no messages of package verdict", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(content))
	}
	f.Fuzz(func(t *testing.T, message string) {
		said := nodestate.Parse(message)
		for _, r := range said.Routers {
			if len(r.Sentences) == 0 {
				t.Errorf("router %q is named and says nothing", r.Router)
			}
		}
	})
}
