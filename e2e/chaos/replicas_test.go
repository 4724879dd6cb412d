package chaos_test

import (
	"context"
	"time"

	"github.com/peergate/peergate/e2e/story"
)

// shippedReplicas is what the shipped Deployment has.
const shippedReplicas = 2

// tend keeps as many replicas as the shipped Deployment has, until ctx is done: it starts one in the place of one that
// was killed or has ended by itself, as a leader does that has lost its lease.
func tend(ctx context.Context, s *story.Story) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for _, r := range s.Peergate.Replicas() {
			if r.Err() != nil {
				r.Kill() // takes it off the list
			}
		}
		for range shippedReplicas - len(s.Peergate.Replicas()) {
			if _, err := s.Peergate.LaunchReplica(ctx); err != nil {
				break // the API server is away, and gives no token
			}
		}
	}
}
