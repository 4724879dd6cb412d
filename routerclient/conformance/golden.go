package conformance

import (
	"cmp"
	"encoding/json"
	"slices"
	"testing"

	"github.com/peergate/peergate/routerclient"
)

// golden is what want.json holds: a snapshot, or an error's reason and message.
type golden struct {
	Reason   routerclient.Reason `json:",omitempty"`
	Error    string              `json:",omitempty"`
	Snapshot *goldenSnapshot     `json:",omitempty"`
}

type goldenSnapshot struct {
	RouterID     string
	LocalASN     uint32
	Sessions     []goldenSession
	ListenRanges []routerclient.ListenRange
}

// goldenSession shows the uptime in words, and only what is there.
type goldenSession struct {
	VRF           string
	Peer          string `json:",omitempty"`
	Interface     string `json:",omitempty"`
	RemoteASN     uint32
	LocalASN      uint32
	PeerRouterID  string `json:",omitempty"`
	State         routerclient.State
	AdminDown     bool                  `json:",omitempty"`
	Uptime        string                `json:",omitempty"`
	Families      []routerclient.Family `json:",omitempty"`
	Negotiated    bool                  `json:",omitempty"`
	Dynamic       bool                  `json:",omitempty"`
	PeerGroup     string                `json:",omitempty"`
	PolicyBlocked bool                  `json:",omitempty"`
	Detail        string                `json:",omitempty"`
}

func render(t *testing.T, snapshot *routerclient.Snapshot, err error) []byte {
	t.Helper()
	var g golden
	if err != nil {
		g = golden{Reason: routerclient.ReasonOf(err), Error: err.Error()}
	} else {
		g.Snapshot = goldenOf(snapshot)
	}
	text, err := json.MarshalIndent(g, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

func goldenOf(s *routerclient.Snapshot) *goldenSnapshot {
	g := &goldenSnapshot{
		RouterID:     addrOrNothing(s.RouterID),
		LocalASN:     s.LocalASN,
		Sessions:     []goldenSession{},
		ListenRanges: append([]routerclient.ListenRange{}, s.ListenRanges...),
	}
	for _, session := range s.Sessions {
		g.Sessions = append(g.Sessions, goldenSessionOf(session))
	}
	slices.SortFunc(g.Sessions, func(a, b goldenSession) int {
		return cmp.Or(cmp.Compare(a.VRF, b.VRF), cmp.Compare(a.Peer, b.Peer), cmp.Compare(a.Interface, b.Interface))
	})
	slices.SortFunc(g.ListenRanges, func(a, b routerclient.ListenRange) int {
		return cmp.Or(cmp.Compare(a.VRF, b.VRF), a.Prefix.Compare(b.Prefix))
	})
	return g
}

func goldenSessionOf(s routerclient.Session) goldenSession {
	g := goldenSession{
		VRF: s.VRF, Peer: addrOrNothing(s.Peer), Interface: s.Interface, RemoteASN: s.RemoteASN, LocalASN: s.LocalASN,
		PeerRouterID: addrOrNothing(s.PeerRouterID), State: s.State, AdminDown: s.AdminDown, Families: s.Families,
		Negotiated: s.FamiliesNegotiated,
		Dynamic:    s.Dynamic, PeerGroup: s.PeerGroup, PolicyBlocked: s.PolicyBlocked, Detail: s.Detail,
	}
	if s.Uptime != 0 {
		g.Uptime = s.Uptime.String()
	}
	return g
}

func addrOrNothing(a interface {
	IsValid() bool
	String() string
}) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
