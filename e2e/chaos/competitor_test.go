package chaos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// competitor is another controller that puts a taint of its own on nodes and takes it away again.
type competitor struct {
	name   string
	client client.Client
	nodes  []string
	rng    *rand.Rand
	// blind writes the whole list of taints as it was read, without a lock: it undoes whatever came between.
	blind  bool
	writes int
}

// compete writes until ctx is done. Nodes that are not there and writes that come too late are part of its life.
func (c *competitor) compete(ctx context.Context) {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		var node corev1.Node
		name := c.nodes[c.rng.IntN(len(c.nodes))]
		if err := c.client.Get(ctx, client.ObjectKey{Name: name}, &node); err != nil {
			continue
		}
		if c.toggle(ctx, &node) == nil {
			c.writes++
		}
	}
}

func (c *competitor) toggle(ctx context.Context, node *corev1.Node) error {
	own := corev1.Taint{Key: "chaos.example.org/" + c.name, Effect: corev1.TaintEffectPreferNoSchedule}
	isOwn := func(t corev1.Taint) bool { return t.MatchTaint(&own) }
	if slices.ContainsFunc(node.Spec.Taints, isOwn) {
		node.Spec.Taints = slices.DeleteFunc(node.Spec.Taints, isOwn)
	} else {
		node.Spec.Taints = append(node.Spec.Taints, own)
	}
	mark := fmt.Sprintf("%s-%d", c.name, c.rng.Uint64())
	if !c.blind {
		node.Annotations[marker] = mark
		return c.client.Update(ctx, node)
	}
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"annotations": map[string]string{marker: mark}},
		"spec":     map[string]any{"taints": node.Spec.Taints},
	})
	if err != nil {
		return err
	}
	return c.client.Patch(ctx, node, client.RawPatch(types.MergePatchType, patch))
}
