package monitoring_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/e2e/story"
)

// kubeState is what kube-state-metrics says of the taints of nodes.
func kubeState(s *story.Story) scrape {
	s.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var nodes corev1.NodeList
		if err := s.Client.List(r.Context(), &nodes); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		for _, node := range nodes.Items {
			for _, t := range node.Spec.Taints {
				fmt.Fprintf(w, "kube_node_spec_taint{node=%q,key=%q,value=%q,effect=%q} 1\n", node.Name, t.Key, t.Value, t.Effect)
			}
		}
	}))
	s.Cleanup(server.Close)
	return scrape{
		"job_name":       "kube-state-metrics",
		"static_configs": []map[string]any{{"targets": []string{strings.TrimPrefix(server.URL, "http://")}}},
	}
}
