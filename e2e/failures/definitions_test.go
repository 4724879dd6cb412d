package failures_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/controlplane"
	"github.com/peergate/peergate/e2e/controlplane/build"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

// TestDefinitions changes the CustomResourceDefinitions, on a cluster that no other test stands on.
func TestDefinitions(t *testing.T) {
	t.Parallel()
	own := story.Own(t, install.Options{})
	t.Run("of a newer version", func(t *testing.T) { testNewerObjects(t, own) })
	t.Run("deleted", func(t *testing.T) { testDefinitionsDeleted(t, own) })
}

// testNewerObjects is a downgrade: a newer version has left its definitions, and fields, reasons and annotations that
// this manager does not know. It ignores them, and leaves them where they are.
func testNewerObjects(t *testing.T, suite *story.Suite) {
	for _, definition := range definitions(t) {
		takeAnyField(t, definition)
		if err := suite.ApplyObjects(t.Context(), []*unstructured.Unstructured{definition}); err != nil {
			t.Fatal(err)
		}
	}
	s := newSceneOn(suite, t)
	taintsStay := s.taintsStay(s.nodes()...)
	objects := []*unstructured.Unstructured{custom("PeeringPolicy", s.ID), custom("BGPRouter", s.ID)}
	for _, o := range objects {
		s.patch(o, `{"spec":{"toCome":{"a":1}}}`)
		s.patchStatus(o, `{"status":{"toCome":{"a":1}}}`)
	}
	for _, node := range s.nodes() {
		s.patch(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: node}}, `{"metadata":{"annotations":{"peergate.dev/to-come":"yes"}}}`)
	}
	s.WithoutManager(func() {
		for _, node := range s.open {
			s.patchStatus(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: node}},
				`{"status":{"conditions":[{"type":"BGPPeered","status":"True","reason":"ToCome","message":"In words of a newer version."}]}}`)
		}
	})
	s.expectUsual()
	taintsStay()
	s.expectRelease()
	s.EventuallyReachable(s.ID, metav1.ConditionTrue, v1alpha1.ReasonAnswered)
	for _, o := range objects {
		if err := s.Client.Get(t.Context(), client.ObjectKeyFromObject(o), o); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"spec", "status"} {
			if _, found, _ := unstructured.NestedMap(o.Object, part, "toCome"); !found {
				t.Errorf("%s of %s has lost the field that this manager does not know: %v", part, o.GetKind(), o.Object[part])
			}
		}
	}
}

// testDefinitionsDeleted: the policies and routers go with their definitions, which is nobody's word that no node needs a
// session. No taint changes, no replica ends, nodes that join are held; and once everything is back, the gate works. A
// node that joins while the definitions are back, and no policy is, has nothing to wait for.
func testDefinitionsDeleted(t *testing.T, suite *story.Suite) {
	s := newSceneOn(suite, t)
	s.router.Set(openAddresses[0], "Idle")
	s.EventuallyTainted(s.open[0])
	taintsStay := s.taintsStay(s.nodes()...)
	replicas := s.Peergate.Replicas()
	for _, definition := range definitions(t) {
		s.Delete(definition)
		s.Eventually(definition.GetName()+" is gone", func(ctx context.Context) error {
			err := s.Client.Get(ctx, client.ObjectKeyFromObject(definition), definition)
			if apierrors.IsNotFound(err) {
				return nil
			}
			return errors.Join(errors.New("not yet"), err)
		})
	}
	late := s.ID + "-late"
	s.Join(late, "192.168.3.35")
	lateStays := s.TaintStays(late)

	if err := s.ApplyObjects(t.Context(), definitions(t)); err != nil {
		t.Fatal(err)
	}
	s.awaitAge(definitions(t)[0], 2*time.Second)
	free := s.ID + "-free"
	s.Join(free, "192.168.3.36")
	s.EventuallyOpen(free)
	s.Policy(withGrace(0))
	s.Declare(s.router, story.Named(s.ID+"-again"))
	for _, node := range []string{s.held, late} {
		s.EventuallySays(node, corev1.ConditionFalse, "NeighborNotConfigured")
	}
	s.EventuallySays(s.open[0], corev1.ConditionFalse, "SessionDown")
	taintsStay()
	lateStays()
	s.router.Set(openAddresses[0], "Established")
	s.expectUsual()
	s.expectRelease()
	for _, r := range replicas {
		if r.Err() != nil {
			t.Errorf("a replica has ended: %v", r.Err())
		}
	}
}

// awaitAge waits until an object is that old: the API keeps whole seconds, and two objects of one second have no order.
func (s *scene) awaitAge(o *unstructured.Unstructured, age time.Duration) {
	s.Helper()
	s.Eventually(o.GetName()+" is "+age.String()+" old", func(ctx context.Context) error {
		if err := s.Client.Get(ctx, client.ObjectKeyFromObject(o), o); err != nil {
			return err
		}
		if is := time.Since(o.GetCreationTimestamp().Time); is < age {
			return fmt.Errorf("it is %s old", is)
		}
		return nil
	})
}

// definitions are the shipped CustomResourceDefinitions.
func definitions(t *testing.T) (found []*unstructured.Unstructured) {
	t.Helper()
	config, err := build.Config("crd")
	if err != nil {
		t.Fatal(err)
	}
	objects, err := controlplane.Kustomize(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		if o.GetKind() == "CustomResourceDefinition" {
			found = append(found, o)
		}
	}
	return found
}

// takeAnyField has a definition keep fields that it does not have in spec and status.
func takeAnyField(t *testing.T, definition *unstructured.Unstructured) {
	t.Helper()
	versions, _, err := unstructured.NestedFieldNoCopy(definition.Object, "spec", "versions")
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range versions.([]any) {
		for _, part := range []string{"spec", "status"} {
			err := unstructured.SetNestedField(version.(map[string]any), true,
				"schema", "openAPIV3Schema", "properties", part, "x-kubernetes-preserve-unknown-fields")
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func custom(kind, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(schema.GroupVersionKind{Group: v1alpha1.GroupVersion.Group, Version: v1alpha1.GroupVersion.Version, Kind: kind})
	o.SetName(name)
	return o
}
