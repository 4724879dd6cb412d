package routerpoll_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/routerpoll"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/waitlist"
	"github.com/peergate/peergate/routerclient"
)

// behind is a cache that never sees a write.
type behind struct {
	client.Client
	router *v1alpha1.BGPRouter
}

func (b behind) Get(ctx context.Context, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
	router, ok := o.(*v1alpha1.BGPRouter)
	if !ok {
		return b.Client.Get(ctx, key, o, options...)
	}
	b.router.DeepCopyInto(router)
	return nil
}

// script answers each poll with the next of its errors.
type script struct{ errs []error }

func (s *script) Snapshot(context.Context) (*routerclient.Snapshot, error) {
	err := s.errs[0]
	s.errs = s.errs[1:]
	if err != nil {
		return nil, err
	}
	return &routerclient.Snapshot{}, nil
}

func (s *script) Close() error { return nil }

// TestToldOnce polls a router faster than the cache sees what is written of it: each change is told of once.
func TestToldOnce(t *testing.T) {
	router := &v1alpha1.BGPRouter{ObjectMeta: metav1.ObjectMeta{Name: "edge", Generation: 1}}
	router.Spec.Poll.StaleAfter.Duration = time.Minute
	timeout := routerclient.Errorf(routerclient.ReasonTimeout, "connecting: %w", errors.New("no answer"))
	answers := &script{errs: []error{nil, nil, timeout, timeout, nil, nil}}

	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	stored := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(router).WithObjects(router.DeepCopy(),
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: "edge"}}).Build()
	router.Spec.CredentialsSecretRef.Name = "edge"
	recorder := events.NewFakeRecorder(10)
	clock := clocktesting.NewFakePassiveClock(time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC))
	r := &routerpoll.Reconciler{
		Client: behind{stored, router}, Secrets: stored, Namespace: "n", Recorder: recorder,
		Table: sessiontable.New(), Waiting: waitlist.New(), Clock: clock,
		Connect: func(*v1alpha1.BGPRouter, *corev1.Secret) (routerclient.Client, error) { return answers, nil },
	}
	for len(answers.errs) > 0 {
		if _, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: types.NamespacedName{Name: "edge"}}); err != nil {
			t.Fatal(err)
		}
		clock.SetTime(clock.Now().Add(time.Minute))
	}
	close(recorder.Events)
	var told []string
	for event := range recorder.Events {
		told = append(told, event)
	}
	want := []string{
		"Normal Answered Router edge answers",
		"Warning RouterTimeout Reading sessions from router edge: connecting: no answer (spec.poll.timeout is 0s)",
		"Normal Answered Router edge answers",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("Events (-want +got):\n%s", diff)
	}
	var written v1alpha1.BGPRouter
	if err := stored.Get(t.Context(), types.NamespacedName{Name: "edge"}, &written); err != nil {
		t.Fatal(err)
	}
	// It has none, and the columns of kubectl show 0 then, and not that nobody has asked.
	if diff := cmp.Diff(&v1alpha1.SessionCounts{}, written.Status.Sessions); diff != "" {
		t.Errorf("sessions (-want +got):\n%s", diff)
	}
}
