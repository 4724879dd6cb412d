package story

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
)

// EventuallyReachable waits until condition Reachable of a BGPRouter has the status and the reason, and returns its
// message.
func (s *Story) EventuallyReachable(name string, status metav1.ConditionStatus, reason string) (message string) {
	s.Helper()
	s.Eventually(fmt.Sprintf("BGPRouter %s says %s %s", name, status, reason), func(ctx context.Context) error {
		var router v1alpha1.BGPRouter
		if err := s.Client.Get(ctx, client.ObjectKey{Name: name}, &router); err != nil {
			return err
		}
		c := meta.FindStatusCondition(router.Status.Conditions, v1alpha1.ConditionReachable)
		if c == nil {
			return fmt.Errorf("no condition %s", v1alpha1.ConditionReachable)
		}
		if c.Status != status || c.Reason != reason {
			return fmt.Errorf("%s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message)
		}
		message = c.Message
		return nil
	})
	return message
}
