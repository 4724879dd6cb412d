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

//go:embed openbgpd-ro.sh
var openbgpdForcedCommand []byte

// OpenBGPD is the portable edition of OpenBGPD, run as Debian installs it. It has no VRFs.
type OpenBGPD struct{}

var _ Daemon = OpenBGPD{}

const (
	openbgpdConf   = "/etc/bgpd.conf"
	openbgpdRun    = "/run/openbgpd"
	openbgpdSocket = openbgpdRun + "/bgpd.rsock"
	openbgpd       = "/usr/sbin/bgpd"
	bgpctl         = "/usr/sbin/bgpctl"
)

// Requires implements Daemon.
func (OpenBGPD) Requires() []string { return []string{openbgpd, bgpctl} }

// ConfigDir implements Daemon.
func (OpenBGPD) ConfigDir() string { return openbgpdConf }

// Access implements Daemon. The restricted socket, not the group, lets the account in.
func (OpenBGPD) Access() Access {
	return Access{Group: "nogroup", ForcedCommand: openbgpdForcedCommand}
}

// Configure implements Daemon.
func (OpenBGPD) Configure(h *Host, c BGP) error {
	config, err := openbgpdConfig(c)
	if err != nil {
		return err
	}
	return h.writeFile(openbgpdConf, config, 0o600, root)
}

// Start implements Daemon.
func (OpenBGPD) Start(ctx context.Context, h *Host) error {
	if h.running("openbgpd") {
		return nil
	}
	if err := h.run(ctx, "mkdir", "-p", openbgpdRun); err != nil {
		return err
	}
	if err := h.start("openbgpd", openbgpd, "-d"); err != nil {
		return err
	}
	return poll(ctx, "starting bgpd on "+h.name, func() error { return h.run(ctx, bgpctl, "show", "summary") })
}

// Stop implements Daemon.
func (OpenBGPD) Stop(ctx context.Context, h *Host) error {
	return h.signal(ctx, "openbgpd", syscall.SIGTERM)
}

// KillBGP implements Daemon. The processes that bgpd has split itself into end with it.
func (OpenBGPD) KillBGP(ctx context.Context, h *Host) error {
	return h.signal(ctx, "openbgpd", syscall.SIGKILL)
}

// Type implements Daemon. The lines are a root shell's.
func (OpenBGPD) Type(ctx context.Context, h *Host, lines ...string) (string, error) {
	return typeInShell(ctx, h, lines)
}

// SetShutdown implements Daemon.
func (OpenBGPD) SetShutdown(ctx context.Context, h *Host, _ uint32, peer netip.Addr, shutdown bool) error {
	verb := "up"
	if shutdown {
		verb = "down"
	}
	return h.run(ctx, bgpctl, "neighbor", peer.String(), verb)
}

// Sessions implements Daemon. Templates are left out.
func (OpenBGPD) Sessions(ctx context.Context, h *Host) ([]Session, error) {
	answer, err := h.Exec(ctx, bgpctl, "-j", "show", "neighbor")
	if err != nil {
		return nil, err
	}
	var shown struct {
		Neighbors []struct {
			RemoteAddr string `json:"remote_addr"`
			State      string `json:"state"`
			Config     struct{ Down bool }
		}
	}
	if err := json.Unmarshal([]byte(answer), &shown); err != nil {
		return nil, fmt.Errorf("reading sessions on %s: %w", h.name, err)
	}
	var sessions []Session
	for _, n := range shown.Neighbors {
		if peer, err := netip.ParseAddr(n.RemoteAddr); err == nil {
			sessions = append(sessions, Session{VRF: "default", Peer: peer, State: n.State, AdminDown: n.Config.Down})
		}
	}
	slices.SortFunc(sessions, compareSessions)
	return sessions, nil
}
