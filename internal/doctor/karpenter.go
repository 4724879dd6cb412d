package doctor

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// readinessPrefix is that of taints that Karpenter takes for passing without being told, since 1.13.
const readinessPrefix = "readiness.k8s.io/"

// karpenter looks for NodePools whose nodes Karpenter would wait for in vain, and replace.
func karpenter(f Facts) ([]Finding, error) {
	pools, err := f.NodePools.Get()
	if err != nil || strings.HasPrefix(f.Taint.Key, readinessPrefix) {
		return nil, err
	}
	var found []Finding
	for i := range pools {
		declared := startupTaints(&pools[i])
		if slices.Contains(declared, f.Taint.Key) {
			continue
		}
		found = append(found, Finding{
			Level:    Warning,
			Message:  fmt.Sprintf("Karpenter's NodePool %s does not know the taint %s: it takes a held node for one that no pod fits on, and adds another", pools[i].GetName(), f.Taint.Key),
			Fix:      "Add the taint to spec.template.spec.startupTaints.",
			Commands: []string{f.startupTaintPatch(pools[i].GetName(), len(declared) > 0)},
		})
	}
	return found, nil
}

// startupTaints are the keys of a NodePool's startup taints.
func startupTaints(pool *unstructured.Unstructured) (keys []string) {
	taints, _, _ := unstructured.NestedSlice(pool.Object, "spec", "template", "spec", "startupTaints") // another type is none
	for _, t := range taints {
		if fields, ok := t.(map[string]any); ok {
			key, _ := fields["key"].(string)
			keys = append(keys, key)
		}
	}
	return keys
}

func (f Facts) startupTaintPatch(pool string, others bool) string {
	taint := fmt.Sprintf(`{"key":%q,"effect":%q}`, f.Taint.Key, f.Taint.Effect)
	if f.Taint.Value != "" {
		taint = fmt.Sprintf(`{"key":%q,"value":%q,"effect":%q}`, f.Taint.Key, f.Taint.Value, f.Taint.Effect)
	}
	path, value := "/spec/template/spec/startupTaints", "["+taint+"]"
	if others {
		path, value = path+"/-", taint
	}
	return fmt.Sprintf(`kubectl patch nodepool %s --type json -p '[{"op":"add","path":"%s","value":%s}]'`, pool, path, value)
}
