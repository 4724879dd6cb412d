package nodeselector_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/internal/nodeselector"
)

func TestTakes(t *testing.T) {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"rack": "7"}}}
	labels := func(key, value string) *metav1.LabelSelector {
		return &metav1.LabelSelector{MatchLabels: map[string]string{key: value}}
	}
	expression := func(operator metav1.LabelSelectorOperator) *metav1.LabelSelector {
		return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "rack", Operator: operator}}}
	}
	tests := map[string]struct {
		selector *metav1.LabelSelector
		takes    bool
		fails    bool
	}{
		"nil":               {nil, true, false},
		"empty":             {&metav1.LabelSelector{}, true, false},
		"its label":         {labels("rack", "7"), true, false},
		"another value":     {labels("rack", "8"), false, false},
		"it has the label":  {expression(metav1.LabelSelectorOpExists), true, false},
		"it has it not":     {expression(metav1.LabelSelectorOpDoesNotExist), false, false},
		"cannot be read":    {expression("Above"), false, true},
		"needs a value too": {expression(metav1.LabelSelectorOpIn), false, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			takes, err := nodeselector.Takes(test.selector, node)
			if takes != test.takes || (err != nil) != test.fails {
				t.Errorf("it takes the node: %t, %v; want %t, failing: %t", takes, err, test.takes, test.fails)
			}
		})
	}
}
