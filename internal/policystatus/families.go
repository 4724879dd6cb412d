package policystatus

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/routerclient/platform"
)

// choosy is true if a policy wants certain address families.
func choosy(p *v1alpha1.PeeringPolicy) bool {
	return p.Spec.Families != "" && p.Spec.Families != v1alpha1.FamiliesAny
}

// choosyPolicies are those whose condition FamiliesKnown a router can change.
func (r *Reconciler) choosyPolicies(ctx context.Context, _ client.Object) []reconcile.Request {
	var policies v1alpha1.PeeringPolicyList
	if err := r.Client.List(ctx, &policies, client.UnsafeDisableDeepCopy); err != nil {
		// The cache answers, and fails only when it is being stopped.
		log.FromContext(ctx).Error(err, "Listing policies")
		return nil
	}
	var requests []reconcile.Request
	for i := range policies.Items {
		if p := &policies.Items[i]; choosy(p) {
			requests = append(requests, request(p.Name))
		}
	}
	return requests
}

func (r *Reconciler) setFamiliesKnown(ctx context.Context, policy *v1alpha1.PeeringPolicy) error {
	if !choosy(policy) {
		meta.RemoveStatusCondition(&policy.Status.Conditions, v1alpha1.ConditionFamiliesKnown)
		return nil
	}
	var routers v1alpha1.BGPRouterList
	if err := r.Client.List(ctx, &routers, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("listing BGPRouters: %w", err)
	}
	meta.SetStatusCondition(&policy.Status.Conditions, familiesKnown(policy, silentOnFamilies(routers.Items)))
	return nil
}

// silentOnFamilies names the routers that do not say which address families a session carries.
func silentOnFamilies(routers []v1alpha1.BGPRouter) []string {
	var silent []string
	for i := range routers {
		spec := routers[i].Spec
		p, known := platform.Lookup(spec.Platform)
		if !known {
			continue
		}
		if transport, ok := p.Transport(spec.Transport); ok && !p.TellsFamilies(transport) {
			silent = append(silent, routers[i].Name)
		}
	}
	slices.Sort(silent)
	return silent
}

// maxNamed is how many routers a message names.
const maxNamed = 5

func familiesKnown(policy *v1alpha1.PeeringPolicy, silent []string) metav1.Condition {
	condition := metav1.Condition{
		Type:               v1alpha1.ConditionFamiliesKnown,
		Status:             metav1.ConditionTrue,
		Reason:             v1alpha1.ReasonPlatformsSay,
		ObservedGeneration: policy.Generation,
		Message:            "Every router is of a platform that says which address families a session carries.",
	}
	if len(silent) > 0 {
		named := strings.Join(silent[:min(maxNamed, len(silent))], ", ")
		if more := len(silent) - maxNamed; more > 0 {
			named += fmt.Sprintf(" and %d more", more)
		}
		condition.Status, condition.Reason = metav1.ConditionFalse, v1alpha1.ReasonPlatformIsSilent
		condition.Message = "Of platforms that do not say which address families a session carries: " + named + ". " +
			"They neither open a node for this policy nor close one."
	}
	return condition
}
