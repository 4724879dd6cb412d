package taint_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/peergate/peergate/internal/taint"
)

// taints are lists that the API server may keep: of any keys, ours among them, as often as there are effects.
func taints() *rapid.Generator[[]corev1.Taint] {
	one := rapid.Custom(func(t *rapid.T) corev1.Taint {
		drawn := corev1.Taint{
			Key:    rapid.SampledFrom([]string{own.Key, own.Key + "-not", "other"}).Draw(t, "key"),
			Value:  rapid.SampledFrom([]string{"", "x"}).Draw(t, "value"),
			Effect: rapid.SampledFrom([]corev1.TaintEffect{"NoSchedule", "PreferNoSchedule", "NoExecute"}).Draw(t, "effect"),
		}
		if rapid.Bool().Draw(t, "with the time it was added") {
			added := metav1.NewTime(now.Add(-time.Hour).Truncate(time.Second))
			drawn.TimeAdded = &added
		}
		return drawn
	})
	return rapid.SliceOfNDistinct(one, 0, 6, func(t corev1.Taint) string { return t.Key + ":" + string(t.Effect) })
}

// TestOwnership holds what others rely on, whatever is there: their taints stay, in their order; ours is there once, as
// it is to be and with a time, or not at all; and nothing is a change the second time.
func TestOwnership(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		have := taints().Draw(t, "taints")
		before := slices.Clone(have)
		with, added := taint.With(have, own, now)
		without, removed := taint.Without(have, own)
		if diff := cmp.Diff(before, have); diff != "" {
			t.Fatalf("the argument was changed:\n%s", diff)
		}
		for name, got := range map[string][]corev1.Taint{"With": with, "Without": without} {
			if diff := cmp.Diff(others(before), others(got)); diff != "" {
				t.Fatalf("%s changes the taints of others:\n%s", name, diff)
			}
		}
		ours := slices.DeleteFunc(slices.Clone(with), func(t corev1.Taint) bool { return t.Key != own.Key })
		if len(ours) != 1 || ours[0].Effect != own.Effect || ours[0].Value != own.Value || ours[0].TimeAdded == nil {
			t.Fatalf("With leaves ours as %v", ours)
		}
		if taint.Has(without, own) || !taint.Has(with, own) {
			t.Fatalf("Has is wrong of %v and %v", with, without)
		}
		if added == cmp.Equal(have, with) || removed == cmp.Equal(have, without) {
			t.Fatalf("changes are told of wrongly: %t of %v, %t of %v", added, with, removed, without)
		}
		if _, again := taint.With(with, own, now.Add(time.Hour)); again {
			t.Fatal("With changes what it has made")
		}
		if _, again := taint.Without(without, own); again {
			t.Fatal("Without changes what it has made")
		}
	})
}

func others(taints []corev1.Taint) []corev1.Taint {
	found := []corev1.Taint{}
	for _, t := range taints {
		if t.Key != own.Key {
			found = append(found, t)
		}
	}
	return found
}
