package routeros_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/httpapi"
	"github.com/peergate/peergate/routerclient/replay"
)

// TestOverHTTPS asks a recording behind a TLS server, so that the requests are seen to survive the way.
func TestOverHTTPS(t *testing.T) {
	t.Parallel()
	recording, err := replay.Load("testdata/rest/normal")
	if err != nil {
		t.Fatal(err)
	}
	want, err := conformance.Ask(t, overREST, recording)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "monitor" || password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write(recording.Answers[r.Method+" "+r.RequestURI].Stdout)
	}))
	defer server.Close()
	digest := sha256.Sum256(server.Certificate().Raw)
	runner, err := httpapi.New(httpapi.Config{
		Address: server.Listener.Addr().String(), Username: "monitor", Password: "secret", Fingerprint: hex.EncodeToString(digest[:]),
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := overREST(runner).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
		t.Errorf("(-recorded +over HTTPS):\n%s", diff)
	}
}
