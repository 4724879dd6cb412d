package lab

import (
	"context"
	"net/netip"
)

// Daemon is an implementation of BGP. A Daemon holds no state of a host's, so that one value serves many hosts.
type Daemon interface {
	// Requires lists the programs it needs, by name or by absolute path.
	Requires() []string
	// ConfigDir is the directory of its configuration, or the one file of it, of which every host has its own.
	ConfigDir() string
	// Configure writes the configuration with which the daemon starts.
	Configure(*Host, BGP) error
	// Start starts what of the daemon is not running, and returns once it answers.
	Start(context.Context, *Host) error
	// Stop ends the daemon in the orderly way, which tells the neighbors (RFC 4271 section 6.7).
	Stop(context.Context, *Host) error
	// KillBGP ends what speaks BGP at once, and leaves the rest of the daemon as it is.
	KillBGP(context.Context, *Host) error
	// Type gives the running daemon lines as a person types them after logging in, and returns what it answered. It
	// stops at the first line that the daemon refuses.
	Type(ctx context.Context, h *Host, lines ...string) (string, error)
	// SetShutdown shuts a neighbor of the default VRF down, or takes that back.
	SetShutdown(ctx context.Context, h *Host, asn uint32, peer netip.Addr, shutdown bool) error
	// Sessions returns the neighbors in every VRF, in order of VRF and address.
	Sessions(context.Context, *Host) ([]Session, error)
	// Access is how an account that may only read sessions is made.
	Access() Access
}

// Access is the least an account needs to read sessions.
type Access struct {
	// Group is the account's group.
	Group string
	// ForcedCommand is the script that stands in for the account's shell (authorized_keys, option command).
	ForcedCommand []byte
}
