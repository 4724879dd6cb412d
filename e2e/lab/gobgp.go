package lab

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
)

//go:embed gobgp-ro.sh
var gobgpForcedCommand []byte

// GoBGP is gobgpd 3, run as Debian installs it, with its port for gobgp on the host alone.
type GoBGP struct{}

var _ Daemon = GoBGP{}

const gobgpdConf = "/etc/gobgpd.conf"

// Requires implements Daemon.
func (GoBGP) Requires() []string { return []string{"gobgpd", "gobgp"} }

// ConfigDir implements Daemon.
func (GoBGP) ConfigDir() string { return gobgpdConf }

// Access implements Daemon. gobgpd asks nobody who they are: only the forced command makes the account read-only.
func (GoBGP) Access() Access { return Access{Group: "nogroup", ForcedCommand: gobgpForcedCommand} }

// Configure implements Daemon.
func (GoBGP) Configure(h *Host, c BGP) error {
	return h.writeFile(gobgpdConf, gobgpConfig(c), 0o644, root)
}

// Start implements Daemon.
func (GoBGP) Start(ctx context.Context, h *Host) error {
	if h.running("gobgpd") {
		return nil
	}
	if err := h.start("gobgpd", "gobgpd", "-f", gobgpdConf, "--api-hosts", "127.0.0.1:50051"); err != nil {
		return err
	}
	return poll(ctx, "starting gobgpd on "+h.name, func() error { return h.run(ctx, "gobgp", "global") })
}

// Stop implements Daemon.
func (GoBGP) Stop(ctx context.Context, h *Host) error {
	return h.signal(ctx, "gobgpd", syscall.SIGTERM)
}

// KillBGP implements Daemon.
func (GoBGP) KillBGP(ctx context.Context, h *Host) error {
	return h.signal(ctx, "gobgpd", syscall.SIGKILL)
}

// Type implements Daemon. The lines are a root shell's.
func (GoBGP) Type(ctx context.Context, h *Host, lines ...string) (string, error) {
	return typeInShell(ctx, h, lines)
}

// SetShutdown implements Daemon.
func (GoBGP) SetShutdown(ctx context.Context, h *Host, _ uint32, peer netip.Addr, shutdown bool) error {
	verb := "enable"
	if shutdown {
		verb = "disable"
	}
	return h.run(ctx, "gobgp", "neighbor", peer.String(), verb)
}

// gobgpStates are apipb.PeerState.SessionState's.
var gobgpStates = []string{"", "Idle", "Connect", "Active", "OpenSent", "OpenConfirm", "Established"}

// Sessions implements Daemon.
func (GoBGP) Sessions(ctx context.Context, h *Host) ([]Session, error) {
	answer, err := h.Exec(ctx, "gobgp", "-j", "neighbor")
	if err != nil {
		return nil, err
	}
	var shown []struct {
		Conf struct {
			VRF string `json:"vrf"`
		}
		State struct {
			Peer    netip.Addr `json:"neighbor_address"`
			Session int        `json:"session_state"`
			Admin   int        `json:"admin_state"`
		}
	}
	if err := json.Unmarshal([]byte(answer), &shown); err != nil {
		return nil, fmt.Errorf("reading sessions on %s: %w", h.name, err)
	}
	var sessions []Session
	for _, n := range shown {
		const down = 1
		s := Session{VRF: "default", Peer: n.State.Peer, State: gobgpStates[n.State.Session], AdminDown: n.State.Admin == down}
		if n.Conf.VRF != "" {
			s.VRF = n.Conf.VRF
		}
		sessions = append(sessions, s)
	}
	slices.SortFunc(sessions, compareSessions)
	return sessions, nil
}
