// Package speaker recognizes the DaemonSets whose pods hold a node's BGP sessions, or carry the network they run over,
// and says which of them the taint keeps away: the DaemonSet controller creates no pod on a node whose taint the template
// does not tolerate, so there will never be a session, and the taint never goes.
//
// It asks nobody: what it knows of a DaemonSet is in its arguments.
package speaker

import (
	"cmp"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"

	"github.com/peergate/peergate/api/v1alpha1"
)

// Label on a DaemonSet overrules what it looks like: "true" for a speaker that is not recognized, "false" for one that
// is not needed for a node's sessions.
const Label = v1alpha1.AnnotationPrefix + "speaker"

// Labelled is the product of a speaker that is known by Label alone.
const Labelled = "speaker"

// Finding is what is known of one speaker.
type Finding struct {
	Namespace, Name string
	// Product is the name by which people know it, or Labelled.
	Product string
	// Tolerates is true if its pods are created on nodes with the taint.
	Tolerates bool
	// Fix says what to type, or which value to set, so that it tolerates the taint. It is empty if it does.
	Fix string
}

// Find returns the speakers among the DaemonSets, in order of namespace and name.
func Find(daemonSets []appsv1.DaemonSet, taint corev1.Taint) []Finding {
	var found []Finding
	for i := range daemonSets {
		if f, ok := Of(&daemonSets[i], taint); ok {
			found = append(found, f)
		}
	}
	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return found
}

// Of returns what is known of a DaemonSet, and false if it is no speaker.
func Of(daemonSet *appsv1.DaemonSet, taint corev1.Taint) (Finding, bool) {
	p, ok := productOf(daemonSet)
	if !ok {
		return Finding{}, false
	}
	f := Finding{
		Namespace: daemonSet.Namespace, Name: daemonSet.Name, Product: p.name,
		Tolerates: Tolerates(daemonSet.Spec.Template.Spec.Tolerations, taint),
	}
	if !f.Tolerates {
		f.Fix = fix(daemonSet, p, taint)
	}
	return f, true
}

// Tolerates is true if the DaemonSet controller creates pods with these tolerations on nodes with the taint. It heeds
// NoSchedule and NoExecute, and no PreferNoSchedule.
func Tolerates(tolerations []corev1.Toleration, taint corev1.Taint) bool {
	if taint.Effect == corev1.TaintEffectPreferNoSchedule {
		return true
	}
	return slices.ContainsFunc(tolerations, func(t corev1.Toleration) bool {
		// Where the operators Lt and Gt are not enabled, the API server lets none of them in.
		return t.ToleratesTaint(klog.Background(), &taint, true)
	})
}

// Toleration is what a template needs so that it tolerates the taint, whatever the taint's value.
func Toleration(taint corev1.Taint) corev1.Toleration {
	return corev1.Toleration{Key: taint.Key, Operator: corev1.TolerationOpExists, Effect: taint.Effect}
}
