package lab

import (
	"context"
	_ "embed"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

//go:embed bird-ro.sh
var birdForcedCommand []byte

// BIRD is BIRD 2, run as Debian installs it. It cannot be kept from accepting sessions: BGP.ActiveOnly changes nothing,
// nor does it where Calico runs BIRD on a node.
type BIRD struct{}

var _ Daemon = BIRD{}

const (
	birdDir  = "/etc/bird"
	birdConf = birdDir + "/bird.conf"
	birdRun  = "/run/bird"
	birdUser = "bird"
	bird     = "/usr/sbin/bird"
	birdc    = "/usr/sbin/birdc"
)

// Requires implements Daemon.
func (BIRD) Requires() []string { return []string{bird, birdc} }

// ConfigDir implements Daemon.
func (BIRD) ConfigDir() string { return birdDir }

// Access implements Daemon. Members of the group may also configure: only the forced command makes the account
// read-only.
func (BIRD) Access() Access { return Access{Group: birdUser, ForcedCommand: birdForcedCommand} }

// Configure implements Daemon.
func (BIRD) Configure(h *Host, c BGP) error {
	owner, err := lookupAccount(birdUser)
	if err != nil {
		return err
	}
	return h.writeFile(birdConf, birdConfig(c), 0o640, owner)
}

// Start implements Daemon.
func (BIRD) Start(ctx context.Context, h *Host) error {
	if h.running(birdUser) {
		return nil
	}
	if err := h.run(ctx, "install", "-d", "-o", birdUser, "-g", birdUser, birdRun); err != nil {
		return err
	}
	if err := h.start(birdUser, bird, "-f", "-u", birdUser, "-g", birdUser); err != nil {
		return err
	}
	return poll(ctx, "starting bird on "+h.name, func() error { return h.run(ctx, birdc, "-r", "show status") })
}

// Stop implements Daemon.
func (BIRD) Stop(ctx context.Context, h *Host) error { return h.signal(ctx, birdUser, syscall.SIGTERM) }

// KillBGP implements Daemon.
func (BIRD) KillBGP(ctx context.Context, h *Host) error {
	return h.signal(ctx, birdUser, syscall.SIGKILL)
}

// Type implements Daemon. The lines are a root shell's.
func (BIRD) Type(ctx context.Context, h *Host, lines ...string) (string, error) {
	return typeInShell(ctx, h, lines)
}

// SetShutdown implements Daemon.
func (BIRD) SetShutdown(ctx context.Context, h *Host, _ uint32, peer netip.Addr, shutdown bool) error {
	verb := "enable"
	if shutdown {
		verb = "disable"
	}
	return h.run(ctx, birdc, verb, birdProtocol("", peer))
}

// Sessions implements Daemon. A protocol's details begin with the line that has its VRF, if any, and its state comes
// before its neighbor.
func (BIRD) Sessions(ctx context.Context, h *Host) ([]Session, error) {
	answer, err := h.Exec(ctx, birdc, "-r", "show protocols all")
	if err != nil {
		return nil, err
	}
	var sessions []Session
	for protocol := range strings.SplitSeq(answer, "\n\n") {
		s := Session{VRF: "default"}
		for line := range strings.Lines(protocol) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			switch value = strings.TrimSpace(value); key {
			case "VRF":
				s.VRF = value
			case "BGP state":
				s.State, s.AdminDown = birdState(value)
			case "Neighbor address":
				if s.Peer, err = netip.ParseAddr(value); err != nil {
					return nil, fmt.Errorf("reading sessions on %s: %w", h.name, err)
				}
				sessions = append(sessions, s)
			}
		}
	}
	slices.SortFunc(sessions, compareSessions)
	return sessions, nil
}

func birdState(word string) (state string, adminDown bool) {
	switch word {
	case "Passive":
		return "Active", false
	case "Down":
		return "Idle", true
	}
	return word, false
}
