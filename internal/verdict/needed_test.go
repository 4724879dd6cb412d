package verdict_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/peergate/peergate/internal/verdict"
)

func TestNeeded(t *testing.T) {
	for name, test := range map[string]struct {
		minEstablished intstr.IntOrString
		routers        int
		want           int
		ok             bool
	}{
		"all":                           {intstr.FromString("100%"), 3, 3, true},
		"half, rounded up":              {intstr.FromString("50%"), 3, 2, true},
		"hardly any, but one":           {intstr.FromString("0%"), 3, 1, true},
		"none, but one":                 {intstr.FromInt32(0), 3, 1, true},
		"more than there are":           {intstr.FromInt32(4), 3, 3, true},
		"one of one":                    {intstr.FromInt32(1), 1, 1, true},
		"no router":                     {intstr.FromInt32(1), 0, 0, false},
		"neither number nor percentage": {intstr.FromString("half"), 3, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := verdict.Needed(test.minEstablished, test.routers); got != test.want || ok != test.ok {
				t.Errorf("Needed(%s, %d) = %d, %t, want %d, %t", test.minEstablished.String(), test.routers, got, ok, test.want, test.ok)
			}
		})
	}
}
