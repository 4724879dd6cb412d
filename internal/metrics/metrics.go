// Package metrics holds Peergate's own metrics. docs/metrics.md lists them.
//
// No label has a value per node: there are as many series as there are routers and policies, times a constant. What only
// the leader knows, only the leader has series of, so that two replicas are never counted for one.
package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

func register(collectors ...prometheus.Collector) {
	metrics.Registry.MustRegister(collectors...)
}
