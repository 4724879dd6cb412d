package speakerwatch_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/prometheus/client_golang/prometheus/testutil"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/peergate/peergate/internal/speaker"
	"github.com/peergate/peergate/internal/speaker/speakertest"
	"github.com/peergate/peergate/internal/speakerwatch"
)

var taint = corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}

// scene is a cluster with one DaemonSet, and the controller that looks at it.
type scene struct {
	testing.TB
	client     client.Client
	recorder   *events.FakeRecorder
	reconciler *speakerwatch.Reconciler
	daemonSet  *appsv1.DaemonSet
}

func newScene(t *testing.T) *scene {
	s := &scene{TB: t, recorder: events.NewFakeRecorder(10), client: fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).Build()}
	s.reconciler = speakerwatch.New(s.client, s.recorder, taint)
	s.daemonSet = &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{
		Namespace: "metallb-system", Name: "speaker", Labels: map[string]string{"app": "metallb", "component": "speaker"},
	}}
	if err := s.client.Create(t.Context(), s.daemonSet); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *scene) change(f func(*appsv1.DaemonSet)) {
	s.Helper()
	f(s.daemonSet)
	if err := s.client.Update(s.Context(), s.daemonSet); err != nil {
		s.Fatal(err)
	}
}

// look reconciles twice, as it may happen at any time, and returns the Events.
func (s *scene) look() (told []string) {
	s.Helper()
	for range 2 {
		request := ctrl.Request{NamespacedName: client.ObjectKeyFromObject(s.daemonSet)}
		if _, err := s.reconciler.Reconcile(s.Context(), request); err != nil {
			s.Fatal(err)
		}
	}
	for {
		select {
		case event := <-s.recorder.Events:
			told = append(told, event)
		default:
			return told
		}
	}
}

// series is what the metric says of the DaemonSet: a value, or nothing.
func (s *scene) series() string {
	s.Helper()
	const name = "peergate_speaker_tolerates_taint"
	for _, value := range []string{"0", "1"} {
		want := "# HELP " + name + " 1 if the DaemonSet of a BGP speaker or network agent tolerates the taint, 0 if no held node gets its pod. Leader only.\n" +
			"# TYPE " + name + " gauge\n" + name + `{daemonset="speaker",namespace="metallb-system"} ` + value + "\n"
		if testutil.GatherAndCompare(ctrlmetrics.Registry, strings.NewReader(want), name) == nil {
			return value
		}
	}
	return "nothing"
}

func (s *scene) expect(when, series string, told []string, parts ...string) {
	s.Helper()
	if got := s.series(); got != series {
		s.Errorf("%s: the metric says %s, want %s", when, got, series)
	}
	all := strings.Join(told, "\n")
	for _, part := range parts {
		if !strings.Contains(all, part) {
			s.Errorf("%s: told %q, want it with %q", when, told, part)
		}
	}
	if want := min(len(parts), 1); len(told) != want {
		s.Errorf("%s: told %d times, want %d: %q", when, len(told), want, told)
	}
}

func TestTellsOnceForEachChange(t *testing.T) {
	s := newScene(t)
	s.expect("at first", "0", s.look(), "Warning TaintNotTolerated", "MetalLB speaker", "bgp-unpeered:NoSchedule",
		"\nkubectl -n metallb-system patch daemonset speaker ")
	s.expect("again", "0", s.look())

	s.change(func(d *appsv1.DaemonSet) { d.Spec.MinReadySeconds = 3 })
	s.expect("after a change of something else", "0", s.look())

	s.change(func(d *appsv1.DaemonSet) {
		d.Annotations = map[string]string{speaker.ReleaseName: "lb", speaker.ReleaseNamespace: "metallb-system"}
	})
	s.expect("once Helm has taken it over", "0", s.look(), "in Helm release lb")

	s.change(func(d *appsv1.DaemonSet) {
		d.Spec.Template.Spec.Tolerations = []corev1.Toleration{speaker.Toleration(taint)}
	})
	s.expect("when it tolerates the taint", "1", s.look())

	s.change(func(d *appsv1.DaemonSet) { d.Spec.Template.Spec.Tolerations = nil })
	s.expect("when it no longer does", "0", s.look(), "TaintNotTolerated")

	s.change(func(d *appsv1.DaemonSet) { d.Labels[speaker.Label] = "false" })
	s.expect("when it is labelled as no speaker", "nothing", s.look())

	s.change(func(d *appsv1.DaemonSet) { delete(d.Labels, speaker.Label) })
	s.expect("when it is one again", "0", s.look(), "TaintNotTolerated")

	if err := s.client.Delete(t.Context(), s.daemonSet); err != nil {
		t.Fatal(err)
	}
	s.expect("when it is gone", "nothing", s.look())
}

// TestALongRemedy does not fit into an Event: half of a line to type must not be in it.
func TestALongRemedy(t *testing.T) {
	s := newScene(t)
	s.change(func(d *appsv1.DaemonSet) {
		d.Annotations = map[string]string{speaker.ReleaseName: "lb", speaker.ReleaseNamespace: "metallb-system"}
		for i := range 20 {
			d.Spec.Template.Spec.Tolerations = append(d.Spec.Template.Spec.Tolerations, corev1.Toleration{
				Key: fmt.Sprintf("example.net/dedicated-%d", i), Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule,
			})
		}
	})
	told := s.look()
	s.expect("of a long list", "0", told, "To let it:\nkubectl peergate doctor speakers says what to do")
	if strings.Contains(strings.Join(told, ""), "dedicated") {
		t.Errorf("it tells half of the list: %q", told)
	}
}

// What is trimmed away must not be what a finding depends on.
func TestTrimmedDaemonSetsAreFoundAlike(t *testing.T) {
	for name, d := range speakertest.DaemonSets(t) {
		d.Status.NumberReady = 1
		want, wantOK := speaker.Of(&d, taint)
		trimmed, err := speakerwatch.TrimDaemonSet(&d)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := speaker.Of(trimmed.(*appsv1.DaemonSet), taint)
		if diff := cmp.Diff(want, got); diff != "" || ok != wantOK {
			t.Errorf("%s: found %t, want %t (-whole +trimmed):\n%s", name, ok, wantOK, diff)
		}
		if d.Status.NumberReady != 0 || d.Spec.Selector != nil || d.Spec.Template.Spec.Containers[0].Name != "" {
			t.Errorf("%s: not trimmed: %+v", name, d)
		}
	}
}
