package conformance

import (
	"errors"
	"testing"
	"unicode"

	"github.com/peergate/peergate/routerclient"
)

var knownStates = map[routerclient.State]bool{
	routerclient.Idle: true, routerclient.Connect: true, routerclient.Active: true, routerclient.OpenSent: true,
	routerclient.OpenConfirm: true, routerclient.Established: true, routerclient.Unrecognized: true,
}

// checkContract holds an answer against the words of package routerclient's comments.
func checkContract(t *testing.T, snapshot *routerclient.Snapshot, err error) {
	t.Helper()
	if (snapshot == nil) == (err == nil) {
		t.Fatalf("snapshot %v together with error %v", snapshot, err)
	}
	if err != nil {
		if _, hasReason := errors.AsType[*routerclient.Error](err); !hasReason {
			t.Errorf("error without a reason: %v", err)
		}
		return
	}
	for _, s := range snapshot.Sessions {
		checkSession(t, s)
	}
	for _, r := range snapshot.ListenRanges {
		if r.VRF == "" || !r.Prefix.IsValid() || r.Prefix != r.Prefix.Masked() {
			t.Errorf("listen range %+v: no VRF, or not a prefix", r)
		}
	}
}

func checkSession(t *testing.T, s routerclient.Session) {
	t.Helper()
	complain := func(what string) { t.Helper(); t.Errorf("%s: %+v", what, s) }
	if s.VRF == "" {
		complain("session without a VRF")
	}
	if s.Peer.Zone() != "" || s.Peer.Is4In6() {
		complain("peer address with a zone, or IPv4-mapped")
	}
	if !s.Peer.IsValid() && s.Interface == "" {
		complain("neither address nor interface")
	}
	if !knownStates[s.State] {
		complain("state out of the model")
	}
	if s.State != routerclient.Established && (s.Uptime != 0 || s.PolicyBlocked || s.FamiliesNegotiated) {
		complain("uptime, policy or negotiated families of a session that is not up")
	}
	if s.Uptime < 0 {
		complain("negative uptime")
	}
	if len(s.Detail) > 200 {
		complain("detail of more than 200 bytes")
	}
	for _, r := range s.Detail {
		if !unicode.IsPrint(r) {
			complain("unprintable detail")
			break
		}
	}
}
