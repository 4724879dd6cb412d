package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/internal/speaker"
	"github.com/peergate/peergate/internal/taint"
)

// taintKey looks for places that name another taint than the manager's: it is named in its flags, in its tolerations and
// in the conditions that guard it, and these are written by hand.
func taintKey(f Facts) ([]Finding, error) {
	deployment, err := f.Manager.Get()
	if err != nil || deployment == nil {
		return nil, err
	}
	pod := deployment.Spec.Template.Spec
	used := ManagerTaint(pod)
	var found []Finding
	if used.Key != f.Taint.Key || used.Effect != f.Taint.Effect || used.Value != f.Taint.Value {
		found = append(found, Finding{
			Level:   Problem,
			Message: fmt.Sprintf("the manager runs with --taint=%s, and this command with --taint=%s", used.ToString(), f.Taint.ToString()),
			Fix:     "Give this command the manager's taint, or everything else that it says may be wrong.", Commands: []string{"kubectl peergate doctor --taint " + used.ToString()},
		})
	}
	if !speaker.Tolerates(pod.Tolerations, used) {
		found = append(found, Finding{
			Level: Problem, Message: "the manager's own pods do not tolerate the taint " + used.ToString() + ": when every node is held, none can run to release them",
			Fix: "Add the key to the tolerations of Deployment " + managerName + ", in config/manager/deployment.yaml.",
		})
	}
	_, webhookErr := f.Validating.Get()
	_, policyErr := f.IdentityPolicy.Get()
	_, mutatingErr := f.MutatingPolicy.Get()
	found = append(found, f.taintingPolicyOf(used.Key)...)
	return append(found, f.guardsOf(used.Key)...), cmp.Or(webhookErr, policyErr, mutatingErr)
}

// ManagerTaint is the taint that the command line of the manager's pods says.
func ManagerTaint(pod corev1.PodSpec) corev1.Taint {
	used, _ := taint.Parse(taint.Default) // the default can be parsed
	for _, c := range pod.Containers {
		if value, ok := flagValue(slices.Concat(c.Command, c.Args), "taint"); ok {
			if parsed, err := taint.Parse(value); err == nil {
				used = parsed
			}
		}
	}
	return used
}

// taintingPolicyOf looks whether the policy that may taint new nodes in the webhook's place gives them the key.
func (f Facts) taintingPolicyOf(key string) []Finding {
	policy := f.MutatingPolicy.Value
	if policy == nil || slices.ContainsFunc(policy.Spec.Mutations, func(m admissionregistrationv1.Mutation) bool {
		return m.JSONPatch != nil && strings.Contains(m.JSONPatch.Expression, "'"+key+"'")
	}) {
		return nil
	}
	return []Finding{{
		Level: Problem, Message: "MutatingAdmissionPolicy " + taintingPolicy + " does not name the taint " + key + ": the one that it gives new nodes is never taken away",
		Fix: "Name the key in its expression, in config/components/mutating-admission-policy, and take the other taint off the nodes.",
	}}
}

// guardsOf finds the guards whose expressions do not name the key.
func (f Facts) guardsOf(key string) []Finding {
	var unguarded []string
	if v := f.Validating.Value; v != nil {
		for _, w := range v.Webhooks {
			if w.Name != validatingWebhooks[0] {
				continue
			}
			if !slices.ContainsFunc(w.MatchConditions, func(c admissionregistrationv1.MatchCondition) bool {
				return strings.Contains(c.Expression, "'"+key+"'")
			}) {
				unguarded = append(unguarded, "webhook "+w.Name)
			}
		}
	}
	if p := f.IdentityPolicy.Value; p != nil {
		if !slices.ContainsFunc(p.Spec.Validations, func(v admissionregistrationv1.Validation) bool { return strings.Contains(v.Expression, "'"+key+"'") }) {
			unguarded = append(unguarded, "ValidatingAdmissionPolicy "+p.Name)
		}
	}
	if len(unguarded) == 0 {
		return nil
	}
	return []Finding{{
		Level: Problem, Message: "not guarded is the taint " + key + ", by " + strings.Join(unguarded, " and ") + ": others can take it away",
		Fix: "Name the key in their expressions, in config/webhook.",
	}}
}

// flagValue finds a flag in a command line, in the forms --flag=value and --flag value, with one hyphen or two. The last
// one counts.
func flagValue(args []string, name string) (value string, ok bool) {
	values := flagValues(args, name)
	if len(values) == 0 {
		return "", false
	}
	return values[len(values)-1], true
}

func flagValues(args []string, name string) (values []string) {
	for i, arg := range args {
		flag, hyphens := strings.CutPrefix(arg, "-")
		flag = strings.TrimPrefix(flag, "-")
		switch {
		case !hyphens:
		case strings.HasPrefix(flag, name+"="):
			values = append(values, strings.TrimPrefix(flag, name+"="))
		case flag == name && i+1 < len(args):
			values = append(values, args[i+1])
		}
	}
	return values
}
