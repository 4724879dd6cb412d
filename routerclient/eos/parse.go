package eos

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// table is what the summaries of both families hold, merged.
type table struct {
	instances map[string]*instance
	neighbors []*neighbor
	room      bgptext.Families
}

// instance is the BGP of one VRF.
type instance struct {
	routerID netip.Addr
	asn      uint32
	byName   map[string]*neighbor
}

type neighbor struct {
	session routerclient.Session
	// since is when the session entered its state, in seconds since 1970 by the router's clock; 0 if not shown.
	since float64
}

// parseRouterID returns the zero Addr for a BGP that has no identifier yet, and for what is none.
func parseRouterID(s string) netip.Addr {
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.IsUnspecified() {
		return netip.Addr{}
	}
	return addr
}

func (t *table) snapshot() *routerclient.Snapshot {
	s := &routerclient.Snapshot{Sessions: make([]routerclient.Session, 0, len(t.neighbors))}
	if i, found := t.instances[routerclient.DefaultVRF]; found {
		s.RouterID, s.LocalASN = i.routerID, i.asn
	}
	for _, n := range t.neighbors {
		i := t.instances[n.session.VRF]
		if !s.RouterID.IsValid() {
			s.RouterID = i.routerID
		}
		if n.session.LocalASN == 0 {
			n.session.LocalASN = i.asn
		}
		s.Sessions = append(s.Sessions, n.session)
	}
	return s
}

// withoutJSON is the error for an answer that holds no JSON at all.
func withoutJSON(action string, out routerclient.Output) error {
	if err := posixsh.Refused(out); err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	words := posixsh.Words(out)
	if len(out.Stdout)+len(out.Stderr) == 0 {
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: the answer is empty", action)
	}
	return routerclient.Errorf(reasonOf(words), "%s: no JSON in the answer (exit status %d): %s", action, out.ExitStatus, words)
}

func reasonOf(words string) routerclient.Reason {
	switch words = strings.ToLower(words); {
	case strings.Contains(words, "authorization denied"):
		return routerclient.ReasonPermissionDenied
	case strings.Contains(words, "bgp inactive"):
		return routerclient.ReasonBGPNotRunning
	}
	return routerclient.ReasonAnswerNotUnderstood
}
