package edgeos

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
)

// configuration is one person's configuration mode. What is set takes effect with commit.
type configuration struct {
	router  Router
	out     io.Writer
	editing bool
	pending []neighbor
}

type neighbor struct {
	addr netip.Addr
	asn  uint32
}

// configure runs lines as a script does that stops at the first line that is refused.
func (c CLI) configure(ctx context.Context, lines []string, out io.Writer) int {
	mode := &configuration{router: c.Router, out: out}
	for _, line := range lines {
		if err := mode.run(ctx, strings.Fields(line)); err != nil {
			fmt.Fprintln(out, err)
			return failed
		}
	}
	return succeeded
}

// refusal is what the router says of a line that it does not take.
type refusal string

func (r refusal) Error() string { return string(r) }

const (
	invalidCommand = refusal("Invalid command")
	invalidNode    = refusal("The specified configuration node is not valid\nSet failed")
	nothingToDo    = refusal("No configuration changes to commit")
	unsavedChanges = refusal("Cannot exit: configuration modified.\nUse 'exit discard' to discard the changes and exit.")
)

func (c *configuration) run(ctx context.Context, words []string) error {
	switch {
	case len(words) == 0:
		return nil
	case !c.editing && len(words) == 1 && words[0] == "configure":
		c.editing = true
		return nil
	case !c.editing:
		return invalidCommand
	case words[0] == "set":
		return c.set(words[1:])
	case strings.Join(words, " ") == "exit discard":
		c.pending, c.editing = nil, false
		return nil
	case len(words) > 1:
		return invalidCommand
	}
	switch words[0] {
	case "commit":
		return c.commit(ctx)
	case "save":
		fmt.Fprintln(c.out, "Saving configuration to '/config/config.boot'...\nDone")
		return nil
	case "exit":
		return c.exit()
	default:
		return invalidCommand
	}
}

// set takes one path only: protocols bgp ASN neighbor ADDRESS remote-as ASN.
func (c *configuration) set(path []string) error {
	if len(path) != 7 || path[0] != "protocols" || path[1] != "bgp" || path[3] != "neighbor" || path[5] != "remote-as" {
		return invalidNode
	}
	local, err := strconv.ParseUint(path[2], 10, 32)
	if err != nil || uint32(local) != c.router.ASN() {
		return invalidNode
	}
	addr, err := netip.ParseAddr(path[4])
	if err != nil {
		return invalidNode
	}
	remote, err := strconv.ParseUint(path[6], 10, 32)
	if err != nil || remote == 0 {
		return invalidNode
	}
	c.pending = append(c.pending, neighbor{addr: addr, asn: uint32(remote)})
	return nil
}

func (c *configuration) commit(ctx context.Context) error {
	if len(c.pending) == 0 {
		return nothingToDo
	}
	for _, n := range c.pending {
		if err := c.router.AddNeighbor(ctx, n.addr, n.asn); err != nil {
			return fmt.Errorf("[ protocols bgp %d ]\n%w\nCommit failed", c.router.ASN(), err)
		}
	}
	c.pending = nil
	return nil
}

func (c *configuration) exit() error {
	if len(c.pending) > 0 {
		return unsavedChanges
	}
	c.editing = false
	return nil
}
