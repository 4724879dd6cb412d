package routerpoll_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/routerpoll"
	"github.com/peergate/peergate/routerclient"
)

func TestDelay(t *testing.T) {
	poll := v1alpha1.PollSpec{
		Interval: metav1.Duration{Duration: 30 * time.Second}, FastInterval: metav1.Duration{Duration: time.Second},
	}
	const nobody = time.Duration(-1)
	tests := map[string]struct {
		waited   time.Duration
		failures int
		reason   routerclient.Reason
		want     time.Duration
	}{
		"nobody waits":                     {nobody, 0, "", 30 * time.Second},
		"somebody has just begun":          {0, 0, "", time.Second},
		"for ten seconds":                  {10 * time.Second, 0, "", time.Second},
		"for a minute":                     {time.Minute, 0, "", 6 * time.Second},
		"for an hour":                      {time.Hour, 0, "", 30 * time.Second},
		"first failure":                    {nobody, 1, routerclient.ReasonTimeout, time.Second},
		"fourth failure":                   {nobody, 4, routerclient.ReasonTimeout, 8 * time.Second},
		"hundredth failure":                {nobody, 100, routerclient.ReasonTimeout, 30 * time.Second},
		"a failure, though somebody waits": {0, 5, routerclient.ReasonUnreachable, 16 * time.Second},
		"login refused":                    {0, 1, routerclient.ReasonAuthenticationFailed, time.Minute},
		"login refused for the tenth time": {0, 10, routerclient.ReasonAuthenticationFailed, 10 * time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := routerpoll.Delay(poll, test.waited, test.failures, test.reason); got != test.want {
				t.Errorf("Delay = %s, want %s", got, test.want)
			}
		})
	}
}

func TestRest(t *testing.T) {
	poll := v1alpha1.PollSpec{FastInterval: metav1.Duration{Duration: time.Second}}
	for took, want := range map[time.Duration]time.Duration{
		5 * time.Millisecond: 100 * time.Millisecond, 100 * time.Millisecond: 400 * time.Millisecond, 5 * time.Second: time.Second,
	} {
		if got := routerpoll.Rest(poll, took); got != want {
			t.Errorf("an answer that took %s: Rest = %s, want %s", took, got, want)
		}
	}
}
