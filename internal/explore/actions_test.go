package explore

import (
	"encoding/json"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/peergate/peergate/api/v1alpha1"
)

// newest and oldest pick a process. While one runs only, it is the newest.
func newest(w *world) *process { return w.processes[len(w.processes)-1] }

func oldest(w *world) *process {
	if len(w.processes) < 2 {
		return nil
	}
	return w.processes[0]
}

// controls are what a manager does of itself. who names it.
func controls(who string, pick func(*world) *process, nodes ...string) []action {
	actions := []action{
		{
			name:    who + " manager brings its cache up to date",
			enabled: func(w *world) bool { return pick(w) != nil && pick(w).behind() },
			do:      func(w *world) { pick(w).sync() },
		},
		{
			name:    who + " manager asks the router",
			enabled: func(w *world) bool { return pick(w) != nil },
			do:      func(w *world) { pick(w).poll(w.router) },
		},
		{
			name:    who + " manager writes",
			enabled: func(w *world) bool { return pick(w) != nil && pick(w).flight != nil },
			do:      func(w *world) { w.step(pick(w), pick(w).write) },
		},
	}
	for _, node := range nodes {
		actions = append(actions, action{
			name:    who + " manager decides about " + node,
			enabled: func(w *world) bool { return pick(w) != nil && pick(w).flight == nil },
			do:      func(w *world) { w.step(pick(w), func() { pick(w).begin(node) }) },
		})
	}
	return actions
}

func joins(node string) action {
	return action{
		name:    node + " joins",
		enabled: func(w *world) bool { return w.server.nodes[node] == nil },
		do:      func(w *world) { w.join(node) },
	}
}

func leaves(node string) action {
	return action{
		name:    node + " is deleted",
		enabled: func(w *world) bool { return w.server.nodes[node] != nil },
		do:      func(w *world) { w.server.delete(node) },
	}
}

// turns changes whether the router has an Established session with a node.
func turns(node string) action {
	return action{
		name: "the session of " + node + " turns",
		do:   func(w *world) { w.router.up[addressOf(node)] = !w.router.up[addressOf(node)] },
	}
}

func hushes() action {
	return action{name: "the router falls silent, or speaks again", do: func(w *world) { w.router.silent = !w.router.silent }}
}

func waits() action {
	return action{name: "time passes", do: func(w *world) { w.wait(tick) }}
}

// dies kills the newest manager, and starts another in its place.
func dies() action {
	return action{name: "the manager is killed", do: func(w *world) {
		newest(w).kill()
		w.processes = w.processes[:len(w.processes)-1]
		w.elect()
	}}
}

func elects() action {
	return action{
		name:    "another manager takes the lease",
		enabled: func(w *world) bool { return len(w.processes) < 2 },
		do:      (*world).elect,
	}
}

func webhooksGo() action {
	return action{name: "the webhooks go away, or come back", do: func(w *world) { w.server.webhooksAway = !w.server.webhooksAway }}
}

func policyGoes() action {
	return action{name: "the policy is deleted, or comes back", do: func(w *world) {
		if len(w.server.policies) > 0 {
			w.server.policies = nil
		} else {
			w.allow(w.mayBeLost)
		}
	}}
}

// exempts has an administrator exempt a node, or take that back.
func exempts(node string) action {
	return action{
		name:    node + " is exempted, or no longer",
		enabled: func(w *world) bool { return w.server.nodes[node] != nil },
		do: func(w *world) {
			next := w.server.nodes[node].DeepCopy()
			if _, ok := next.Annotations[v1alpha1.AnnotationExempt]; ok {
				delete(next.Annotations, v1alpha1.AnnotationExempt)
			} else {
				if next.Annotations == nil {
					next.Annotations = map[string]string{}
				}
				next.Annotations[v1alpha1.AnnotationExempt] = "no BGP in this rack"
			}
			w.fail(w.server.put(administrator, next))
		},
	}
}

// kubeletReports is what a kubelet does at its start and then all day long: it merges its own condition into the status.
func kubeletReports(node string) action {
	return action{
		name:    "the kubelet of " + node + " reports, ready or not",
		enabled: func(w *world) bool { return w.server.nodes[node] != nil },
		do: func(w *world) {
			status := corev1.ConditionTrue
			if w.server.nodes[node].Status.Conditions[0].Status == status {
				status = corev1.ConditionFalse
			}
			w.server.merge(kubelet, node, types.StrategicMergePatchType, true, map[string]any{"status": map[string]any{
				"conditions": []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status}},
			}})
		},
	}
}

// copies, locks and overwrites are somebody else's controller, which sets a taint of its own from what it has read: with
// the resource version as a lock, as it should, or without.
func copies(node string) action {
	return action{
		name:    "somebody else reads " + node,
		enabled: func(w *world) bool { return w.server.nodes[node] != nil },
		do:      func(w *world) { w.copied = w.server.nodes[node] },
	}
}

func locks() action {
	return action{
		name:    "somebody else writes what they have read, with a lock",
		enabled: func(w *world) bool { return w.copied != nil },
		do: func(w *world) {
			next := w.copied.DeepCopy()
			next.Spec.Taints = toggled(next.Spec.Taints)
			// It may come too late, or be refused, and then nothing has happened.
			_ = w.server.put(competitor, next)
		},
	}
}

func overwrites() action {
	return action{
		name:    "somebody else writes the taints they have read, without a lock",
		enabled: func(w *world) bool { return w.copied != nil },
		do: func(w *world) {
			w.server.merge(competitor, w.copied.Name, types.MergePatchType, false, map[string]any{
				"spec": map[string]any{"taints": toggled(w.copied.Spec.Taints)},
			})
		},
	}
}

func toggled(taints []corev1.Taint) []corev1.Taint {
	other := corev1.Taint{Key: "other", Effect: corev1.TaintEffectNoSchedule}
	if i := slices.IndexFunc(taints, func(t corev1.Taint) bool { return t.Key == other.Key }); i >= 0 {
		return slices.Delete(slices.Clone(taints), i, i+1)
	}
	return append(slices.Clone(taints), other)
}

// merge is a patch by somebody who does not look at what becomes of it.
func (s *apiServer) merge(user, name string, kind types.PatchType, status bool, patch map[string]any) {
	text, err := json.Marshal(patch)
	if err == nil {
		_, _ = s.patch(user, name, kind, text, status)
	}
}
