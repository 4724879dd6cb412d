// Package probe asks one router directly, from a workstation, and reports what it said.
package probe

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/platform"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Report is what a router said. Its JSON form is for scripts: fields are added to it, and none is removed.
type Report struct {
	Address  string `json:"address"`
	Platform string `json:"platform"`
	// Error is why there is no answer; everything below it is then empty.
	Error        *Failure      `json:"error,omitempty"`
	RouterID     string        `json:"routerID,omitempty"`
	LocalASN     uint32        `json:"localASN,omitempty"`
	Sessions     []Session     `json:"sessions"`
	ListenRanges []ListenRange `json:"listenRanges,omitempty"`
	// Diagnosis are sentences for a person.
	Diagnosis []string `json:"diagnosis,omitempty"`
}

// Failure is why a router gave no answer.
type Failure struct {
	Reason  routerclient.Reason `json:"reason"`
	Message string              `json:"message"`
}

// Session is one BGP session.
type Session struct {
	VRF           string             `json:"vrf"`
	Peer          string             `json:"peer,omitempty"`
	Interface     string             `json:"interface,omitempty"`
	RemoteASN     uint32             `json:"remoteASN,omitempty"`
	PeerRouterID  string             `json:"peerRouterID,omitempty"`
	State         routerclient.State `json:"state"`
	AdminDown     bool               `json:"adminDown,omitempty"`
	UptimeSeconds int64              `json:"uptimeSeconds,omitempty"`
	// Received are the prefixes received, by address family.
	Received      map[routerclient.AFI]uint64 `json:"received,omitempty"`
	Dynamic       bool                        `json:"dynamic,omitempty"`
	PeerGroup     string                      `json:"peerGroup,omitempty"`
	PolicyBlocked bool                        `json:"policyBlocked,omitempty"`
	Detail        string                      `json:"detail,omitempty"`
}

// ListenRange is a prefix from which the router takes neighbors.
type ListenRange struct {
	VRF       string `json:"vrf"`
	Prefix    string `json:"prefix"`
	PeerGroup string `json:"peerGroup,omitempty"`
}

// Question is what to ask, and whom.
type Question struct {
	Address, Platform, VRF string
	// Neighbor is an address to say more about; the zero Addr is none.
	Neighbor netip.Addr
}

// Ask asks the router and reports what it said. What goes wrong with the router is in the report.
func Ask(ctx context.Context, client routerclient.Client, q Question) Report {
	report := Report{Address: q.Address, Platform: q.Platform, Sessions: []Session{}}
	snapshot, err := client.Snapshot(ctx)
	if err != nil {
		report.Error = &Failure{Reason: routerclient.ReasonOf(err), Message: err.Error()}
		return report
	}
	if snapshot.RouterID.IsValid() {
		report.RouterID = snapshot.RouterID.String()
	}
	report.LocalASN = snapshot.LocalASN
	for _, s := range snapshot.Sessions {
		if inVRF(q.VRF, s.VRF) {
			report.Sessions = append(report.Sessions, session(s))
		}
	}
	slices.SortFunc(report.Sessions, byVRFAndPeer)
	for _, r := range snapshot.ListenRanges {
		if inVRF(q.VRF, r.VRF) {
			report.ListenRanges = append(report.ListenRanges, ListenRange{VRF: r.VRF, Prefix: r.Prefix.String(), PeerGroup: r.PeerGroup})
		}
	}
	report.Diagnosis = diagnose(snapshot, q)
	return report
}

func inVRF(wanted, vrf string) bool { return wanted == sessiontable.AnyVRF || wanted == vrf }

func session(s routerclient.Session) Session {
	out := Session{
		VRF: s.VRF, Interface: s.Interface, RemoteASN: s.RemoteASN, State: s.State, AdminDown: s.AdminDown,
		UptimeSeconds: int64(s.Uptime / time.Second), Dynamic: s.Dynamic, PeerGroup: s.PeerGroup,
		PolicyBlocked: s.PolicyBlocked, Detail: s.Detail,
	}
	if s.Peer.IsValid() {
		out.Peer = s.Peer.String()
	}
	if s.PeerRouterID.IsValid() {
		out.PeerRouterID = s.PeerRouterID.String()
	}
	for _, f := range s.Families {
		if out.Received == nil {
			out.Received = map[routerclient.AFI]uint64{}
		}
		out.Received[f.AFI] = f.Received
	}
	return out
}

func byVRFAndPeer(a, b Session) int {
	peer := func(s Session) netip.Addr {
		addr, _ := netip.ParseAddr(s.Peer) // none sorts first
		return addr
	}
	return cmp.Or(strings.Compare(a.VRF, b.VRF), peer(a).Compare(peer(b)), strings.Compare(a.Interface, b.Interface))
}

// diagnose says what the sessions mean for the neighbor of the question, in the words of a node's condition.
func diagnose(snapshot *routerclient.Snapshot, q Question) []string {
	if !q.Neighbor.IsValid() {
		return nil
	}
	now := time.Now()
	table := sessiontable.New()
	table.Record(q.Address, sessiontable.Answer{
		Snapshot: snapshot, VRF: q.VRF, AskedAt: now, AnsweredAt: now, StaleAfter: time.Hour,
	})
	evidence := table.Evidence(q.Address, []netip.Addr{q.Neighbor})
	if p, ok := platform.Lookup(q.Platform); ok {
		style := remedy.Common(q.Neighbor, slices.Values(snapshot.Sessions))
		vrf := q.VRF
		if vrf == sessiontable.AnyVRF {
			vrf = cmp.Or(style.VRF, routerclient.DefaultVRF)
		}
		evidence.Remedy = p.Remedy(routerclient.Missing{
			Peer: q.Neighbor, VRF: vrf, LocalASN: snapshot.LocalASN, RemoteASN: style.ASN, PeerGroup: style.PeerGroup,
		})
	}
	answer := verdict.Ask(evidence, verdict.Node{Addresses: []netip.Addr{q.Neighbor}}, now)
	lines := []string{fmt.Sprintf("Router %s %s.", q.Address, answer.Message)}
	for _, warning := range answer.Warnings {
		lines = append(lines, fmt.Sprintf("Router %s %s.", q.Address, warning))
	}
	if len(answer.Remedy.Lines) > 0 {
		lines = append(lines, "Type there:")
		for _, line := range answer.Remedy.Lines {
			lines = append(lines, "  "+line)
		}
	}
	if answer.Remedy.Note != "" {
		lines = append(lines, answer.Remedy.Note)
	}
	return lines
}
