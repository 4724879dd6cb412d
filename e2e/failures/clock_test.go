package failures_test

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
)

// TestRouterClockWrong: how long a session has been up is the one thing on a router that a clock says. Whatever it says,
// a node that is open stays open and nothing is written; a node that is held is released.
func TestRouterClockWrong(t *testing.T) {
	t.Parallel()
	s := newScene(t, func(p *v1alpha1.PeeringPolicySpec) { p.ReleaseAfter = metav1.Duration{Duration: time.Second} })
	taintsStay := s.taintsStay(s.open...)
	heldStays := s.TaintStays(s.held)

	const century = 100 * 365 * 24 * time.Hour
	for _, uptime := range []int64{0, century.Milliseconds(), math.MaxInt64, -1, time.Second.Milliseconds()} {
		s.router.Answer(uptimes(s.router, uptime))
		s.awaitPolls(2)
	}
	heldStays()
	for _, uptime := range []int64{0, math.MaxInt64} {
		s.router.Answer(uptimes(s.router, uptime))
		s.expectRelease()
		s.router.Remove(heldAddress)
		s.EventuallyTainted(s.held)
	}
	taintsStay()
}

// uptimes has a router say of every session that it has been up for so many milliseconds.
func uptimes(router *story.Router, uptime int64) func(context.Context, string, io.Writer, io.Writer) int {
	return func(_ context.Context, command string, stdout, _ io.Writer) int {
		if !strings.Contains(command, "summary json") {
			_, _ = io.WriteString(stdout, "{}\n") // what no neighbor has a reason for
			return 0
		}
		var answer map[string]map[string]map[string]any
		if err := json.Unmarshal(router.Summary(), &answer); err != nil {
			panic(err) // it is the test's own
		}
		for _, peer := range answer["default"]["ipv4Unicast"]["peers"].(map[string]any) {
			peer.(map[string]any)["peerUptimeMsec"] = uptime
		}
		_ = json.NewEncoder(stdout).Encode(answer) // whoever asked may be gone
		return 0
	}
}
