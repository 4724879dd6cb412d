package metrics_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/peergate/peergate/internal/metrics"
)

func TestSpeakers(t *testing.T) {
	if err := exercise(); err != nil {
		t.Fatal(err)
	}
	metrics.SpeakerSeen("routing", "bird", false)
	metrics.SpeakerSeen("routing", "gone", false)
	metrics.ForgetSpeaker("routing", "gone")
	const want = `
# HELP peergate_speaker_tolerates_taint 1 if the DaemonSet of a BGP speaker or network agent tolerates the taint, 0 if no held node gets its pod. Leader only.
# TYPE peergate_speaker_tolerates_taint gauge
peergate_speaker_tolerates_taint{daemonset="bird",namespace="routing"} 0
peergate_speaker_tolerates_taint{daemonset="speaker",namespace="metallb-system"} 1
`
	if err := testutil.GatherAndCompare(ctrlmetrics.Registry, strings.NewReader(want), "peergate_speaker_tolerates_taint"); err != nil {
		t.Error(err)
	}
}
