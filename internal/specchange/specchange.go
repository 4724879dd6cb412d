// Package specchange tells when what a person has written in an object has changed.
package specchange

import (
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

// Predicate lets those updates through that change the spec: not those of the status. An object that was deleted and
// created anew while a watch was broken comes as an update, of generation 1 again.
func Predicate() predicate.Predicate {
	return predicate.Or(predicate.GenerationChangedPredicate{}, predicate.Funcs{
		UpdateFunc: func(e event.UpdateEvent) bool { return e.ObjectOld.GetUID() != e.ObjectNew.GetUID() },
	})
}

// Version tells one spec from another. Generations alone do not: an object that is deleted and created anew, while nobody
// looks, begins again with 1.
type Version struct {
	uid        types.UID
	generation int64
}

// VersionOf is the version of an object's spec.
func VersionOf(o client.Object) Version { return Version{o.GetUID(), o.GetGeneration()} }
