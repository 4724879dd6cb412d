// Package taint computes what has to change on a node's taints: a pure function of the taints that are there and of
// whether Peergate's own is to be. Ownership is by key, so nothing has to be remembered to clean up.
package taint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Default is the taint of an installation that chooses none.
const Default = "bgp-unpeered:NoSchedule"

// reserved are the prefixes of keys that others set and remove: the node lifecycle controller, kubeadm for roles, cloud
// providers ("Well-Known Labels, Annotations and Taints" in Kubernetes' reference). A taint is owned by its key, so that
// with one of theirs two controllers would undo each other's work for ever.
var reserved = []string{"node.kubernetes.io/", "node-role.kubernetes.io/", "node.cloudprovider.kubernetes.io/"}

// Parse reads a taint in kubectl's form, key[=value]:effect. It refuses keys that belong to Kubernetes.
func Parse(s string) (corev1.Taint, error) {
	pair, effect, ok := strings.Cut(s, ":")
	if !ok {
		return corev1.Taint{}, fmt.Errorf("parsing taint %q: want key[=value]:effect, as in %s", s, Default)
	}
	key, value, _ := strings.Cut(pair, "=")
	if problems := validation.IsQualifiedName(key); len(problems) > 0 {
		return corev1.Taint{}, fmt.Errorf("parsing taint %q: key: %s", s, strings.Join(problems, "; "))
	}
	if i := slices.IndexFunc(reserved, func(prefix string) bool { return strings.HasPrefix(key, prefix) }); i >= 0 {
		return corev1.Taint{}, fmt.Errorf("parsing taint %q: keys with prefix %s belong to Kubernetes, which sets and removes them itself; "+
			"choose another, as in %s", s, reserved[i], Default)
	}
	if problems := validation.IsValidLabelValue(value); len(problems) > 0 {
		return corev1.Taint{}, fmt.Errorf("parsing taint %q: value: %s", s, strings.Join(problems, "; "))
	}
	t := corev1.Taint{Key: key, Value: value, Effect: corev1.TaintEffect(effect)}
	switch t.Effect {
	case corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute:
		return t, nil
	}
	return corev1.Taint{}, fmt.Errorf("parsing taint %q: effect must be NoSchedule, PreferNoSchedule or NoExecute", s)
}

// Has is true if own's key is among the taints, whatever its value and effect.
func Has(taints []corev1.Taint, own corev1.Taint) bool {
	return slices.ContainsFunc(taints, func(t corev1.Taint) bool { return t.Key == own.Key })
}

// With returns the taints with own among them exactly once, and whether that is a change. A taint that is there
// already keeps its place and the time it was added; one that is not is added last, with the time now.
func With(taints []corev1.Taint, own corev1.Taint, now time.Time) ([]corev1.Taint, bool) {
	out := make([]corev1.Taint, 0, len(taints)+1)
	placed, changed := false, false
	for _, t := range taints {
		switch {
		case t.Key != own.Key:
			out = append(out, t)
		case placed:
			changed = true
		case t.MatchTaint(&own) && t.Value == own.Value && t.TimeAdded != nil:
			out, placed = append(out, t), true
		default:
			out, placed, changed = append(out, stamped(own, t.TimeAdded, now)), true, true
		}
	}
	if !placed {
		out, changed = append(out, stamped(own, nil, now)), true
	}
	return out, changed
}

// Without returns the taints without any of own's key, and whether that is a change.
func Without(taints []corev1.Taint, own corev1.Taint) ([]corev1.Taint, bool) {
	if !Has(taints, own) {
		return taints, false
	}
	return slices.DeleteFunc(slices.Clone(taints), func(t corev1.Taint) bool { return t.Key == own.Key }), true
}

// stamped keeps the time a taint was first added, and sets it where nobody did: the API server does not.
func stamped(own corev1.Taint, added *metav1.Time, now time.Time) corev1.Taint {
	if added == nil {
		t := metav1.NewTime(now.Truncate(time.Second))
		added = &t
	}
	own.TimeAdded = added
	return own
}
