package speaker_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/e2e/controlplane"
	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/internal/speaker"
	"github.com/peergate/peergate/internal/speaker/speakertest"
)

var taint = corev1.Taint{Key: story.Taint, Effect: corev1.TaintEffectNoSchedule}

// TestMetalLBComponent applies MetalLB's manifest with config/components/metallb.
func TestMetalLBComponent(t *testing.T) {
	s := newScene(t, "metallb-native", "speaker", "../../config/components/metallb")
	s.eventuallyReleased()
	if notes := s.notes(t.Context(), "speaker"); len(notes) > 0 {
		t.Errorf("a speaker that tolerates the taint was told of: %q", notes)
	}
}

// TestTolerateSpeakersComponent installs config/components/tolerate-speakers where MetalLB, as it is shipped, is
// deadlocked already. The next change of its DaemonSet, whatever it is, gives it the toleration.
func TestTolerateSpeakersComponent(t *testing.T) {
	s := newScene(t, "metallb-frr", "speaker")
	s.eventuallyDeadlocked()
	before := s.daemonSet("speaker").Spec.Template.Spec

	s.installTolerateSpeakers()
	s.shell("kubectl -n metallb-system annotate daemonset speaker peergate.dev/looked-at=once")
	s.eventuallyReleased()

	want := before.DeepCopy()
	want.Tolerations = append(want.Tolerations, speaker.Toleration(taint))
	if diff := cmp.Diff(want, &s.daemonSet("speaker").Spec.Template.Spec); diff != "" {
		t.Errorf("more was changed than one toleration (-want +got):\n%s", diff)
	}
	s.apply("metallb-frr")
	if diff := cmp.Diff(want, &s.daemonSet("speaker").Spec.Template.Spec); diff != "" {
		t.Errorf("applying the manifest again takes away what was added (-want +got):\n%s", diff)
	}
	s.checkEveryDaemonSet()
}

// installTolerateSpeakers returns when the API server calls the webhook.
func (s *scene) installTolerateSpeakers() {
	s.Helper()
	objects, err := controlplane.Kustomize("../../config/testdata/tolerate-speakers")
	if err != nil {
		s.Fatal(err)
	}
	configuration := &admissionregistrationv1.MutatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "peergate-speakers"}}
	for _, object := range objects {
		if object.GetName() == configuration.Name {
			if err := s.ApplyObjects(s.Context(), []*unstructured.Unstructured{object}); err != nil {
				s.Fatal(err)
			}
		}
	}
	s.Cleanup(func() {
		if err := s.Client.Delete(context.Background(), configuration); err != nil {
			s.Error(err)
		}
	})
	labelled := speakertest.DaemonSets(s)["labelled"]
	s.Eventually("the webhook is called", func(ctx context.Context) error {
		admitted, err := s.admit(ctx, labelled)
		if err == nil && cmp.Equal(labelled.Spec.Template.Spec.Tolerations, admitted) {
			err = fmt.Errorf("it has added no toleration to %s", labelled.Name)
		}
		return err
	})
}

// checkEveryDaemonSet has the API server admit all DaemonSets that package speaker is tested with: what it recognizes
// must get past the webhook's conditions, which say the same in CEL.
func (s *scene) checkEveryDaemonSet() {
	s.Helper()
	for name, d := range speakertest.DaemonSets(s) {
		want := d.Spec.Template.Spec.Tolerations
		if !strings.HasPrefix(name, "none-") && !speaker.Tolerates(want, taint) {
			want = append(slices.Clip(want), speaker.Toleration(taint))
		}
		got, err := s.admit(s.Context(), d)
		if err != nil {
			s.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("%s: tolerations (-want +got):\n%s", name, diff)
		}
	}
}

// admit returns the tolerations with which the API server would create a DaemonSet.
func (s *scene) admit(ctx context.Context, d appsv1.DaemonSet) ([]corev1.Toleration, error) {
	d.Namespace = metav1.NamespaceDefault
	err := s.Client.Create(ctx, &d, client.DryRunAll)
	return d.Spec.Template.Spec.Tolerations, err
}
