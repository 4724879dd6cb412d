package outage_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

// away is how long the API server is away: long enough that the leader loses its lease, and controller-runtime ends its
// process.
const away = time.Minute

// TestAPIServerAway: what happened to sessions meanwhile is made up for once it is back, and nothing else changes.
// The replicas reach the API server with nothing between, and are restarted as a kubelet restarts containers.
func TestAPIServerAway(t *testing.T) {
	s := story.Own(t, install.Options{}).New(t)
	t.Cleanup(s.Peergate.Supervise())
	s.Policy(func(p *v1alpha1.PeeringPolicySpec) { p.LossGracePeriod = &metav1.Duration{} })
	router := s.NewRouter()
	open := map[string]string{"open-1": "192.168.22.1", "open-2": "192.168.22.2", "flapping": "192.168.22.3"}
	for _, address := range open {
		router.Set(address, "Established")
	}
	s.Declare(router)
	s.Join("held", "192.168.22.4")
	for name, address := range open {
		s.Join(name, address)
		s.EventuallyOpen(name)
		s.EventuallySays(name, corev1.ConditionTrue, "SessionEstablished")
		settle(s, name)
	}
	s.EventuallySays("held", corev1.ConditionFalse, "NeighborNotConfigured")
	before := map[string]*corev1.Node{}
	for name := range open {
		before[name] = s.Node(name)
	}
	replicas := s.Peergate.Replicas()

	if err := s.StopAPIServer(); err != nil {
		t.Fatal(err)
	}
	router.Set("192.168.22.4", "Established")
	router.Set("192.168.22.3", "Idle")
	time.AfterFunc(away/2, func() { router.Set("192.168.22.3", "Established") })
	<-time.After(away)
	if err := s.StartAPIServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	back := time.Now()

	expectSurvivor(s, replicas)
	late := s.Follow("late")
	s.Join("late", "192.168.22.5")
	t.Logf("a node joined %s after the API server was back", time.Since(back).Round(100*time.Millisecond))
	if first := late.States()[0]; !story.Tainted(first) {
		t.Errorf("the first write of that node has taints %v", first.Spec.Taints)
	}
	// The next leader waits for the end of a lease that it may just have seen renewed.
	s.EventuallyOpen("held")
	t.Logf("the node whose session came up meanwhile was released %s after", time.Since(back).Round(100*time.Millisecond))
	s.EventuallySays("held", corev1.ConditionTrue, "SessionEstablished")
	for name := range open {
		if diff := cmp.Diff(withoutVersion(before[name]), withoutVersion(s.Node(name))); diff != "" {
			t.Errorf("node %s is not as it was (-before +after):\n%s", name, diff)
		}
	}
	eventuallyTwoReady(s)
}

// expectSurvivor expects that one of the replicas, the one that did not lead, has lived through it all.
func expectSurvivor(s *story.Story, replicas []*install.Replica) {
	s.Helper()
	now := s.Peergate.Replicas()
	survivors := slices.DeleteFunc(slices.Clone(replicas), func(r *install.Replica) bool {
		return !slices.Contains(now, r) || r.Err() != nil
	})
	if len(survivors) != 1 {
		s.Errorf("%d of %d replicas have lived through it; want all but the leader", len(survivors), len(replicas))
	}
}

func withoutVersion(n *corev1.Node) *corev1.Node {
	n = n.DeepCopy()
	n.ResourceVersion, n.ManagedFields = "", nil
	return n
}

// eventuallyTwoReady waits for the kubelet to have started the former leader again.
func eventuallyTwoReady(s *story.Story) {
	s.Helper()
	s.Eventually("both replicas are ready", func(ctx context.Context) error {
		replicas := s.Peergate.Replicas()
		if len(replicas) != 2 {
			return fmt.Errorf("there are %d", len(replicas))
		}
		for _, r := range replicas {
			if err := r.Ready(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}
