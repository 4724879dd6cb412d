package bird

import (
	"fmt"
	"net/netip"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// protocol is a BGP protocol of BIRD's: a neighbor, or a listen range.
type protocol struct {
	row     row
	session routerclient.Session
	// prefix is that of a listen range, and invalid for a neighbor.
	prefix netip.Prefix
	// down is true if the protocol does not run.
	down bool
}

// parseProtocols reads the answer to showProtocolsAll, in which each protocol's row is followed by its details and an
// empty line, and holds it against the names that must be in it.
func parseProtocols(out routerclient.Output, names []string) ([]protocol, error) {
	const action = "reading the protocols"
	p := &parser{protocols: make([]protocol, 0, len(names)), names: make(map[string]struct{}, len(names))}
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
	protocols []protocol
	// names are those of all protocols, BGP or not.
	names    map[string]struct{}
	vrfs     bgptext.Names
	families bgptext.Families
	// inProtocol is true from the first row on, inBGP while the details are those of the last of the protocols.
	inProtocol, inBGP bool
	// detailed is true from the first line of details on, and whole after the empty line that ends them.
	detailed, whole bool
	details
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
		return p.detail(r)
	}
	return nil
}

func (p *parser) begin(text string) error {
	if err := p.end(); err != nil {
		return err
	}
	if err := routerclient.CheckSessions(len(p.protocols) + 1); err != nil {
		return err
	}
	row, err := parseRow(text)
	if err != nil {
		return err
	}
	if _, twice := p.names[row.name]; twice {
		return fmt.Errorf("protocol %s comes twice", bgptext.Printable(row.name, 64))
	}
	p.names[row.name] = struct{}{}
	p.inProtocol, p.inBGP, p.detailed, p.whole = true, row.isBGP(), false, false
	if p.inBGP {
		p.reset()
		p.protocols = append(p.protocols, protocol{row: row, session: routerclient.Session{VRF: routerclient.DefaultVRF}})
	}
	return nil
}

func (p *parser) current() *protocol { return &p.protocols[len(p.protocols)-1] }

func (p *parser) detail(r reply) error {
	switch {
	case !p.inProtocol || r.first == p.detailed:
		return truncated("details of a protocol begin in the middle")
	case r.text == "":
		p.detailed, p.whole = true, true
		return nil
	case p.whole:
		return truncated("details of a protocol without its row")
	}
	p.detailed = true
	if !p.inBGP {
		return nil
	}
	if err := p.field(r.text); err != nil {
		return fmt.Errorf("protocol %s: %w", bgptext.Printable(p.current().row.name, 64), err)
	}
	return nil
}

// end checks that the protocol that was being read is whole.
func (p *parser) end() error {
	if !p.inBGP {
		return nil
	}
	name := p.current().row.name
	if field, missing := p.seen.missing(); missing {
		return truncated("protocol %s has no line %s", bgptext.Printable(name, 64), field)
	}
	if !p.whole {
		return truncated("protocol %s ends early", bgptext.Printable(name, 64))
	}
	p.finish()
	return nil
}

func (p *parser) checkNames(names []string) error {
	for _, name := range names {
		if _, found := p.names[name]; !found {
			return truncated("protocol %s is in the router's list and not in the details", bgptext.Printable(name, 64))
		}
	}
	return nil
}

func truncated(format string, args ...any) error {
	return routerclient.Errorf(routerclient.ReasonAnswerTruncated, format, args...)
}
