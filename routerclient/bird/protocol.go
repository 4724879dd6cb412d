package bird

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// protocol is a BGP protocol of BIRD's: a neighbor, or a listen range.
type protocol struct {
	row      row
	session  routerclient.Session
	prefix   netip.Prefix
	channels []channel
	message  string
	// seen are the fields without which a protocol is not whole.
	seen map[string]bool
	// down is true if the protocol does not run.
	down bool
	// detailed is true from the first line of details on, and whole after the empty line that ends them.
	detailed, whole bool
}

// channel is one address family of a protocol.
type channel struct {
	name, state, inputFilter string
	received                 uint64
}

// required are the fields that every BGP protocol has, "Neighbor range" standing for its address.
var required = []string{"BGP state", "Neighbor address", "Neighbor AS", "Local AS"}

// parseProtocols reads the answer to showProtocolsAll, in which each protocol's row is followed by its details and an
// empty line, and holds it against the names that must be in it.
func parseProtocols(out routerclient.Output, names []string) ([]*protocol, error) {
	const action = "reading the protocols"
	p := &parser{byName: map[string]*protocol{}}
	err := eachReply(out, p.reply)
	if err == nil {
		err = p.end()
	}
	if err == nil && !p.header {
		err = errTable
	}
	if err == nil {
		err = p.checkNames(names)
	}
	if err != nil {
		return nil, answerError(action, out, err)
	}
	return p.protocols, nil
}

type parser struct {
	header    bool
	protocols []*protocol
	byName    map[string]*protocol
	// current is the protocol whose details are being read; nil before the first row.
	current *protocol
}

func (p *parser) reply(r reply) error {
	switch r.code {
	case codeProtocolHeader:
		p.header = true
	case codeProtocol:
		if !r.first {
			return fmt.Errorf("row %q in the place of details", bgptext.Printable(r.text, 64))
		}
		return p.begin(r.text)
	case codeDetails:
		return p.details(r)
	}
	return nil
}

func (p *parser) begin(text string) error {
	if err := p.end(); err != nil {
		return err
	}
	row, err := parseRow(text)
	if err != nil {
		return err
	}
	if _, twice := p.byName[row.name]; twice {
		return fmt.Errorf("protocol %s comes twice", bgptext.Printable(row.name, 64))
	}
	p.current = &protocol{row: row, seen: map[string]bool{}, session: routerclient.Session{VRF: routerclient.DefaultVRF}}
	p.byName[row.name] = p.current
	if row.isBGP() {
		p.protocols = append(p.protocols, p.current)
	}
	return nil
}

func (p *parser) details(r reply) error {
	c := p.current
	switch {
	case c == nil || r.first && c.detailed || !r.first && !c.detailed:
		return truncated("details of a protocol begin in the middle")
	case strings.TrimSpace(r.text) == "":
		c.detailed, c.whole = true, true
		return nil
	case c.whole:
		return truncated("details of a protocol without its row")
	}
	c.detailed = true
	if !c.row.isBGP() {
		return nil
	}
	if err := c.field(r.text); err != nil {
		return fmt.Errorf("protocol %s: %w", bgptext.Printable(c.row.name, 64), err)
	}
	return nil
}

// end checks that the protocol that was being read is whole.
func (p *parser) end() error {
	c := p.current
	if c == nil || !c.row.isBGP() {
		return nil
	}
	name := bgptext.Printable(c.row.name, 64)
	for _, field := range required {
		if !c.seen[field] {
			return truncated("protocol %s has no line %s", name, field)
		}
	}
	if !c.whole {
		return truncated("protocol %s ends early", name)
	}
	return nil
}

func (p *parser) checkNames(names []string) error {
	for _, name := range names {
		if p.byName[name] == nil {
			return truncated("protocol %s is in the router's list and not in the details", bgptext.Printable(name, 64))
		}
	}
	return nil
}

func truncated(format string, args ...any) error {
	return routerclient.Errorf(routerclient.ReasonAnswerTruncated, format, args...)
}
