package taint_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/internal/taint"
)

var (
	now    = time.Date(2026, 3, 1, 12, 0, 0, 900, time.UTC)
	added  = metav1.NewTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	second = metav1.NewTime(now.Truncate(time.Second))

	own   = corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}
	other = corev1.Taint{Key: "node.kubernetes.io/not-ready", Effect: corev1.TaintEffectNoExecute, TimeAdded: &added}
)

func at(t corev1.Taint, when *metav1.Time) corev1.Taint {
	t.TimeAdded = when
	return t
}

func TestWith(t *testing.T) {
	changedEffect := at(own, &added)
	changedEffect.Effect = corev1.TaintEffectNoExecute
	changedValue := at(own, &added)
	changedValue.Value = "x"
	tests := map[string]struct {
		have    []corev1.Taint
		want    []corev1.Taint
		changed bool
	}{
		"none":                        {nil, []corev1.Taint{at(own, &second)}, true},
		"another's":                   {[]corev1.Taint{other}, []corev1.Taint{other, at(own, &second)}, true},
		"there":                       {[]corev1.Taint{at(own, &added), other}, []corev1.Taint{at(own, &added), other}, false},
		"there without a time":        {[]corev1.Taint{own}, []corev1.Taint{at(own, &second)}, true},
		"there with another effect":   {[]corev1.Taint{other, changedEffect}, []corev1.Taint{other, at(own, &added)}, true},
		"there with another value":    {[]corev1.Taint{changedValue}, []corev1.Taint{at(own, &added)}, true},
		"there twice":                 {[]corev1.Taint{at(own, &added), changedEffect}, []corev1.Taint{at(own, &added)}, true},
		"a key that only begins like": {[]corev1.Taint{{Key: "bgp-unpeered-x", Effect: "NoSchedule"}}, []corev1.Taint{{Key: "bgp-unpeered-x", Effect: "NoSchedule"}, at(own, &second)}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := append([]corev1.Taint(nil), test.have...)
			got, changed := taint.With(test.have, own, now)
			if diff := cmp.Diff(test.want, got); diff != "" || changed != test.changed {
				t.Errorf("With: changed %v, want %v; (-want +got):\n%s", changed, test.changed, diff)
			}
			if diff := cmp.Diff(before, test.have); diff != "" {
				t.Errorf("With changed its argument, which the cache shares:\n%s", diff)
			}
			if again, changed := taint.With(got, own, now.Add(time.Hour)); changed || !cmp.Equal(got, again) {
				t.Errorf("With is not idempotent: %v, then %v", got, again)
			}
		})
	}
}

func TestWithout(t *testing.T) {
	elsewhere := at(own, nil)
	elsewhere.Effect = corev1.TaintEffectNoExecute
	tests := map[string]struct {
		have    []corev1.Taint
		want    []corev1.Taint
		changed bool
	}{
		"none":                   {nil, nil, false},
		"another's":              {[]corev1.Taint{other}, []corev1.Taint{other}, false},
		"there":                  {[]corev1.Taint{at(own, &added), other}, []corev1.Taint{other}, true},
		"there, with any effect": {[]corev1.Taint{elsewhere, other, at(own, &added)}, []corev1.Taint{other}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := append([]corev1.Taint(nil), test.have...)
			got, changed := taint.Without(test.have, own)
			if diff := cmp.Diff(test.want, got); diff != "" || changed != test.changed {
				t.Errorf("Without: changed %v, want %v; (-want +got):\n%s", changed, test.changed, diff)
			}
			if diff := cmp.Diff(before, test.have); diff != "" {
				t.Errorf("Without changed its argument, which the cache shares:\n%s", diff)
			}
		})
	}
}

func TestParse(t *testing.T) {
	tests := map[string]struct {
		in      string
		want    corev1.Taint
		problem string
	}{
		"default":                        {in: taint.Default, want: own},
		"with a value":                   {in: "example.net/unpeered=bgp:NoExecute", want: corev1.Taint{Key: "example.net/unpeered", Value: "bgp", Effect: "NoExecute"}},
		"no effect":                      {in: "bgp-unpeered", problem: "want key[=value]:effect"},
		"unknown effect":                 {in: "bgp-unpeered:Never", problem: "effect must be"},
		"no key":                         {in: ":NoSchedule", problem: "key:"},
		"a key with a /":                 {in: "a/b/c:NoSchedule", problem: "key:"},
		"all that is wrong with a key":   {in: "a/" + strings.Repeat("b", 64) + "!:NoSchedule", problem: "bytes; name part"},
		"all that is wrong with a value": {in: "a=" + strings.Repeat("b", 64) + "!:NoSchedule", problem: "bytes; a valid label"},
		"a value with : ":                {in: "a=b c:NoSchedule", problem: "value:"},
		"a node controller's key":        {in: "node.kubernetes.io/not-ready:NoSchedule", problem: `keys with prefix node.kubernetes.io/ belong to Kubernetes, which sets and removes them itself`},
		"any key of the same prefix":     {in: "node.kubernetes.io/bgp-unpeered:NoSchedule", problem: "prefix node.kubernetes.io/"},
		"a role's key":                   {in: "node-role.kubernetes.io/control-plane:NoSchedule", problem: "prefix node-role.kubernetes.io/"},
		"a cloud provider's key":         {in: "node.cloudprovider.kubernetes.io/uninitialized=true:NoSchedule", problem: "prefix node.cloudprovider.kubernetes.io/"},
		"a key for cluster-autoscaler": {
			in:   "startup-taint.cluster-autoscaler.kubernetes.io/bgp-unpeered:NoSchedule",
			want: corev1.Taint{Key: "startup-taint.cluster-autoscaler.kubernetes.io/bgp-unpeered", Effect: "NoSchedule"},
		},
		"a prefix that only ends alike": {in: "edge-node.kubernetes.io/x:NoSchedule", want: corev1.Taint{Key: "edge-node.kubernetes.io/x", Effect: "NoSchedule"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := taint.Parse(test.in)
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) {
					t.Errorf("Parse(%q): error %v, want one with %q", test.in, err, test.problem)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("Parse(%q) = %v, %v, want %v", test.in, got, err, test.want)
			}
		})
	}
}
