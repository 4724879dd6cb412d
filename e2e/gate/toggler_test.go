package gate_test

import (
	"context"
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/e2e/story"
)

// toggler is another controller that puts a taint of its own on a node and takes it away again, with the optimistic
// lock that the API wants for such writes.
type toggler struct {
	node   string
	client client.Client
	writes int
	// err is what it found changed that is nobody's but its own.
	err error
}

var otherTaint = corev1.Taint{Key: "example.org/other", Value: "controller", Effect: corev1.TaintEffectNoSchedule}

func allNodes() *intstr.IntOrString {
	all := intstr.FromString("100%")
	return &all
}

// startTogglers starts one on each node. Their fields may be read once stop has returned.
func startTogglers(s *story.Story, nodes map[string]string) (togglers []*toggler, stop func()) {
	stopping, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	for name := range nodes {
		w := &toggler{node: name, client: s.Client}
		togglers = append(togglers, w)
		group.Go(func() { w.err = w.run(stopping.Done()) })
	}
	stop = func() {
		cancel()
		group.Wait()
	}
	s.Cleanup(stop)
	return togglers, stop
}

// run ends with a look at the node, so that what was done to the last write is seen too.
func (w *toggler) run(stopping <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*story.Patience)
	defer cancel()
	wrote := false
	for {
		var node corev1.Node
		if err := w.client.Get(ctx, client.ObjectKey{Name: w.node}, &node); err != nil {
			return err
		}
		if has := slices.ContainsFunc(node.Spec.Taints, isOther); has != wrote {
			return fmt.Errorf("after %d writes the node has the other controller's taint: %t, want %t", w.writes, has, wrote)
		}
		select {
		case <-stopping:
			return nil
		default:
		}
		if wrote {
			node.Spec.Taints = slices.DeleteFunc(node.Spec.Taints, isOther)
		} else {
			node.Spec.Taints = append(node.Spec.Taints, otherTaint)
		}
		switch err := w.client.Update(ctx, &node); {
		case err == nil:
			wrote = !wrote
			w.writes++
		case !apierrors.IsConflict(err):
			return err
		}
	}
}

func isOther(t corev1.Taint) bool { return t.MatchTaint(&otherTaint) }
