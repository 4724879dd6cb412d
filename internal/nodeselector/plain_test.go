package nodeselector_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/peergate/peergate/internal/nodeselector"
)

// FuzzTakes: whichever way a selector is read, the answer is that of package labels, errors included.
func FuzzTakes(f *testing.F) {
	for _, key := range []string{
		"rack", "topology.kubernetes.io/zone", "a.b/c-d_e.f", "A/b", "a./b", "/b", "a/", "a-/b", "a/b/c", "", "é", "a..b/c", ".a/b",
		"a-b.example.org/rack", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/b",
	} {
		for _, value := range []string{"", "7", "-7", "7-", "a_b.c", "a b", "é"} {
			f.Add(key, value, value)
			f.Add(key, value, "other")
		}
	}
	f.Fuzz(func(t *testing.T, key, wanted, got string) {
		selector := &metav1.LabelSelector{MatchLabels: map[string]string{key: wanted}}
		for _, own := range []map[string]string{{key: got}, {"another": got}, nil} {
			takes, err := nodeselector.Takes(selector, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Labels: own}})
			compiled, wantErr := metav1.LabelSelectorAsSelector(selector)
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("%q=%q: error %v, want %v", key, wanted, err, wantErr)
			}
			if err == nil && takes != compiled.Matches(labels.Set(own)) {
				t.Errorf("%q=%q of %v: %t", key, wanted, own, takes)
			}
		}
	})
}

func BenchmarkTakes(b *testing.B) {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{
		corev1.LabelHostname: "leviathan3", corev1.LabelTopologyZone: "zone-a", "example.org/rack": "7",
	}}}
	for name, selector := range map[string]*metav1.LabelSelector{
		"labels": {MatchLabels: map[string]string{"example.org/rack": "8"}},
		"expressions": {MatchExpressions: []metav1.LabelSelectorRequirement{
			{Key: "example.org/rack", Operator: metav1.LabelSelectorOpIn, Values: []string{"8"}},
		}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if takes, err := nodeselector.Takes(selector, node); takes || err != nil {
					b.Fatal(takes, err)
				}
			}
		})
	}
}
