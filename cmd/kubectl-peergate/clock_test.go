package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestServerClock: the clock of this machine counts only where it agrees with the API server's.
func TestServerClock(t *testing.T) {
	at := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	for date, want := range map[string]time.Duration{
		"Sun, 01 Mar 2026 12:00:00 GMT": 0, "Sun, 01 Mar 2026 11:59:56 GMT": 0, "Sun, 01 Mar 2026 12:10:00 GMT": 10 * time.Minute,
		"Sun, 01 Mar 2026 11:00:00 GMT": -time.Hour, "": 0, "noon": 0,
	} {
		var c serverClock
		c.heed(date, at)
		if got := time.Duration(c.ahead.Load()); got != want {
			t.Errorf("of %q the API server is %s ahead, want %s", date, got, want)
		}
	}
}

// TestLeaderByTheServersClock: where this machine's clock is an hour ahead, the leader's lease is not an hour old.
func TestLeaderByTheServersClock(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	then := time.Now().Add(-time.Hour)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", then.UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(answerTo(r.URL.Path, then)); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	out, err := peergate(t, "", "status", "--server", server.URL)
	if err != nil || !strings.Contains(out, "Leader: manager-1\n") {
		t.Errorf("it says %v:\n%s", err, out)
	}
}

// answerTo is what an API server with one policy and a leader answers.
func answerTo(path string, then time.Time) map[string]any {
	resource := func(name, kind string, namespaced bool) map[string]any {
		return map[string]any{"name": name, "kind": kind, "namespaced": namespaced, "verbs": []string{"get", "list"}}
	}
	resources := func(group string, all ...map[string]any) map[string]any {
		return map[string]any{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group, "resources": all}
	}
	switch path {
	case "/api/v1":
		return resources("v1", resource("nodes", "Node", false))
	case "/apis/peergate.dev/v1alpha1":
		return resources("peergate.dev/v1alpha1", resource("bgprouters", "BGPRouter", false), resource("peeringpolicies", "PeeringPolicy", false))
	case "/apis/coordination.k8s.io/v1":
		return resources("coordination.k8s.io/v1", resource("leases", "Lease", true))
	case "/apis/peergate.dev/v1alpha1/peeringpolicies":
		return map[string]any{"items": []any{map[string]any{"metadata": map[string]any{"name": "default"}}}}
	case "/apis/coordination.k8s.io/v1/namespaces/peergate-system/leases/peergate-manager":
		return map[string]any{"kind": "Lease", "apiVersion": "coordination.k8s.io/v1", "spec": map[string]any{
			"holderIdentity": "manager-1", "leaseDurationSeconds": 15, "renewTime": then.UTC().Format("2006-01-02T15:04:05.000000Z07:00"),
		}}
	}
	return map[string]any{"items": []any{}}
}
