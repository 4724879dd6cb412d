package failures_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/routerclient/routertest"
)

const rotatedPassword = "another correct horse"

// TestPasswordRotated changes the password on the router and in the Secret, in either order, and takes so long between
// the two that the router's last answer is stale.
func TestPasswordRotated(t *testing.T) {
	onTheRouter := func(s *scene) {
		s.router.Restart(s, func(o *routertest.Options) { o.Password = rotatedPassword })
	}
	inTheSecret := func(s *scene) {
		s.ChangeSecret(s.ID, func(data map[string][]byte) { data["password"] = []byte(rotatedPassword) })
	}
	for _, test := range []struct {
		name          string
		first, second func(*scene)
	}{
		{"the router first", onTheRouter, inTheSecret},
		{"the Secret first", inTheSecret, func(s *scene) {
			onTheRouter(s)
			// A refused login is tried again after a minute, or when the Secret is written once more.
			s.ChangeSecret(s.ID, func(data map[string][]byte) { data["rotated"] = []byte("yes") })
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			taintsStay := s.taintsStay(s.nodes()...)

			test.first(s)
			s.EventuallyReachable(s.ID, metav1.ConditionFalse, "AuthenticationFailed")
			s.expectUnknown("AuthenticationFailed")
			test.second(s)
			s.EventuallyReachable(s.ID, metav1.ConditionTrue, v1alpha1.ReasonAnswered)
			s.expectUsual()
			taintsStay()
			s.expectRelease()
		})
	}
}
