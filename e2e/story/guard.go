package story

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
)

// EventuallyGuard waits until condition DisruptionGuard of a PeeringPolicy has the status.
func (s *Story) EventuallyGuard(policy string, status metav1.ConditionStatus) {
	s.Helper()
	s.Eventually(fmt.Sprintf("the guard of policy %s says %s", policy, status), func(ctx context.Context) error {
		var p v1alpha1.PeeringPolicy
		if err := s.Client.Get(ctx, client.ObjectKey{Name: policy}, &p); err != nil {
			return err
		}
		c := meta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionDisruptionGuard)
		if c == nil {
			return fmt.Errorf("no condition %s", v1alpha1.ConditionDisruptionGuard)
		}
		if c.Status != status {
			return fmt.Errorf("%s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message)
		}
		return nil
	})
}
