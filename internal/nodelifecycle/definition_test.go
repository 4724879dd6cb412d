package nodelifecycle

import (
	"context"
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
)

// TestNoPolicyIsLeft: a node that carries the taint is opened for want of a policy only where the API server says, by a
// definition that is there to stay, that there is none.
func TestNoPolicyIsLeft(t *testing.T) {
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	taintedAt := metav1.NewTime(now.Add(-time.Hour))
	own := corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}
	taint := own
	taint.TimeAdded = &taintedAt
	createdAt := func(age time.Duration) definitionReader {
		return func(o *metav1.PartialObjectMetadata) error {
			o.CreationTimestamp = metav1.NewTime(now.Add(-age))
			return nil
		}
	}
	going := func(o *metav1.PartialObjectMetadata) error {
		o.CreationTimestamp, o.DeletionTimestamp = metav1.NewTime(now.Add(-24*time.Hour)), &metav1.Time{Time: now}
		return nil
	}
	refused := func(code error) definitionReader { return func(*metav1.PartialObjectMetadata) error { return code } }
	gone := apierrors.NewNotFound(schema.GroupResource{Resource: "customresourcedefinitions"}, definitionName)
	policy := &v1alpha1.PeeringPolicy{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	exempt := map[string]string{v1alpha1.AnnotationExempt: "no BGP in this rack"}

	for name, test := range map[string]struct {
		definition  definitionReader
		lists       error
		live        []client.Object
		annotations map[string]string
		opens       bool
		undefined   bool
	}{
		"of a definition from before":               {createdAt(24 * time.Hour), nil, nil, nil, true, false},
		"of one that is going":                      {going, nil, nil, nil, false, true},
		"of one that is gone":                       {refused(gone), nil, nil, nil, false, true},
		"of one that was gone at first":             {createdAt(0), gone, nil, nil, false, true},
		"of one that is back":                       {createdAt(10*time.Minute - time.Second), nil, nil, nil, false, true},
		"of one that is back for long":              {createdAt(10 * time.Minute), nil, nil, nil, true, false},
		"of one of the second of the taint":         {createdAt(time.Hour), nil, nil, nil, true, false},
		"of one that nobody may read":               {refused(errors.New("forbidden")), nil, nil, nil, false, false},
		"of an API server that fails":               {createdAt(24 * time.Hour), errors.New("etcd has no leader"), nil, nil, false, false},
		"but the cache had not seen it":             {refused(gone), nil, []client.Object{policy}, nil, false, false},
		"of a node that is exempt, definition gone": {refused(gone), gone, nil, exempt, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", Annotations: test.annotations}, Spec: corev1.NodeSpec{Taints: []corev1.Taint{taint}}}
			scheme := testScheme(t)
			live := interceptor.Funcs{
				Get: func(_ context.Context, _ client.WithWatch, _ client.ObjectKey, o client.Object, _ ...client.GetOption) error {
					return test.definition(o.(*metav1.PartialObjectMetadata))
				},
				List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
					if test.lists != nil {
						return test.lists
					}
					return c.List(ctx, list, options...)
				},
			}
			r := &Reconciler{
				Client: fake.NewClientBuilder().WithScheme(scheme).WithObjects(node).Build(),
				Live:   fake.NewClientBuilder().WithScheme(scheme).WithObjects(test.live...).WithInterceptorFuncs(live).Build(),
				Table:  sessiontable.New(), Clock: clocktesting.NewFakePassiveClock(now), Taint: own,
			}
			in, err := r.gather(t.Context(), node)
			if errors.Is(err, errUndefined) != test.undefined {
				t.Errorf("%v", err)
			}
			if opens := err == nil && verdict.Decide(in).Taint == verdict.RemoveTaint; opens != test.opens {
				t.Errorf("opened: %t, want %t (%v)", opens, test.opens, err)
			}
		})
	}
}

type definitionReader func(*metav1.PartialObjectMetadata) error
