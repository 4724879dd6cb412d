package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

// A cluster has one or two speakers, and no node adds one.
var speakerTolerates = prometheus.NewGaugeVec(prometheus.GaugeOpts{
	Name: "peergate_speaker_tolerates_taint",
	Help: "1 if the DaemonSet of a BGP speaker or network agent tolerates the taint, 0 if no held node gets its pod. Leader only.",
}, []string{"namespace", "daemonset"})

func init() {
	metrics.Registry.MustRegister(speakerTolerates)
}

// SpeakerSeen sets whether a speaker's DaemonSet tolerates the taint.
func SpeakerSeen(namespace, daemonSet string, tolerates bool) {
	value := 0.0
	if tolerates {
		value = 1
	}
	speakerTolerates.WithLabelValues(namespace, daemonSet).Set(value)
}

// ForgetSpeaker drops the series of a DaemonSet that is gone, or no speaker.
func ForgetSpeaker(namespace, daemonSet string) {
	speakerTolerates.DeleteLabelValues(namespace, daemonSet)
}
