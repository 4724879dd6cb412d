package edgeos

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"k8s.io/utils/clock"

	"github.com/peergate/peergate/e2e/bgp"
)

// Wrapper runs a command of the operational mode from outside an interactive shell, where "show" is an alias.
const Wrapper = "/opt/vyatta/bin/vyatta-op-cmd-wrapper"

// scriptTemplate gives a script the commands of the configuration mode, beginning with "configure".
const scriptTemplate = "source /opt/vyatta/etc/functions/script-template"

// Script is what to run to have lines of the configuration mode obeyed as if they were typed. The script ends at the
// first line that is refused.
func Script(lines ...string) string {
	return strings.Join(append([]string{scriptTemplate}, lines...), "\n")
}

// The exit statuses of bash.
const (
	succeeded       = 0
	failed          = 1
	commandNotFound = 127
)

// Router is the running daemon behind the command line.
type Router interface {
	// Addr is also the router's BGP identifier.
	Addr() netip.Addr
	ASN() uint32
	Neighbors(context.Context) ([]bgp.Neighbor, error)
	AddNeighbor(ctx context.Context, addr netip.Addr, asn uint32) error
	Routes() ([]bgp.Route, error)
}

// CLI is the command line of a router. It may be used by several sessions at once.
type CLI struct {
	Router Router
	Clock  clock.PassiveClock
}

// Run runs what a session was asked to execute, one command or a script of several lines, and returns the exit status.
func (c CLI) Run(ctx context.Context, command string, stdout, stderr io.Writer) int {
	if lines := strings.Split(command, "\n"); lines[0] == scriptTemplate {
		return c.configure(ctx, lines[1:], stdout)
	}
	words := strings.Fields(command)
	if len(words) > 0 && words[0] == Wrapper {
		return c.operate(ctx, strings.Join(words[1:], " "), stdout, stderr)
	}
	fmt.Fprintf(stderr, "vbash: %s: command not found\n", strings.Join(words[:min(1, len(words))], ""))
	return commandNotFound
}

// operate runs a command of the operational mode.
func (c CLI) operate(ctx context.Context, command string, stdout, stderr io.Writer) int {
	var err error
	switch command {
	case "show ip bgp summary":
		err = c.showSummary(ctx, stdout)
	case "show bgp ipv6 summary":
		// Nothing is printed of an address family that no neighbor has.
	case "show ip route bgp":
		err = c.showRoutes(stdout)
	default:
		fmt.Fprintf(stderr, "\n  Invalid command: [%s]\n\n", command)
		return failed
	}
	if err != nil {
		fmt.Fprintln(stderr, "%", err)
		return failed
	}
	return succeeded
}
