package specchange_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/specchange"
)

func TestPredicate(t *testing.T) {
	object := func(uid types.UID, generation int64, resourceVersion string) *v1alpha1.PeeringPolicy {
		return &v1alpha1.PeeringPolicy{ObjectMeta: metav1.ObjectMeta{UID: uid, Generation: generation, ResourceVersion: resourceVersion}}
	}
	for name, test := range map[string]struct {
		next *v1alpha1.PeeringPolicy
		want bool
	}{
		"the status":                        {object("a", 1, "2"), false},
		"the spec":                          {object("a", 2, "2"), true},
		"another object with the same name": {object("b", 1, "2"), true},
	} {
		t.Run(name, func(t *testing.T) {
			update := event.UpdateEvent{ObjectOld: object("a", 1, "1"), ObjectNew: test.next}
			if got := specchange.Predicate().Update(update); got != test.want {
				t.Errorf("let through: %t, want %t", got, test.want)
			}
			if got := specchange.VersionOf(update.ObjectOld) != specchange.VersionOf(update.ObjectNew); got != test.want {
				t.Errorf("another version: %t, want %t", got, test.want)
			}
		})
	}
	p := specchange.Predicate()
	if !p.Create(event.CreateEvent{Object: object("a", 1, "1")}) || !p.Delete(event.DeleteEvent{Object: object("a", 1, "1")}) {
		t.Error("an object that comes or goes is not let through")
	}
}
