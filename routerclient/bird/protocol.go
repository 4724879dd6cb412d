package bird

import (
	"fmt"
	"net/netip"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// protocol is a BGP protocol of BIRD's: a neighbor, or a listen range.
type protocol struct {
	name    string
	session routerclient.Session
	// since is the row behind the state.
	since []byte
	// prefix is that of a listen range, and invalid for a neighbor.
	prefix netip.Prefix
	// down is true if the protocol does not run.
	down bool
}

// parseProtocols reads the answer to showProtocolsAll, in which each protocol's row is followed by its details and an
// empty line, and holds it against the names that must be in it.
func parseProtocols(out routerclient.Output, names []string) ([]protocol, error) {
	const action = "reading the protocols"
	p := &parser{protocols: make([]protocol, 0, len(names)), roll: newRoll(names)}
	err := eachReply(out, p.reply)
	if err == nil {
		err = p.end()
	}
	if err == nil && !p.header {
		err = errTable
	}
	if err == nil {
		err = p.roll.check()
	}
	if err != nil {
		return nil, answerError(action, out, err)
	}
	return p.protocols, nil
}

type parser struct {
	header    bool
	protocols []protocol
	roll      roll
	vrfs      bgptext.Names
	families  bgptext.Families
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
			return fmt.Errorf("row %q in the place of details", bgptext.Printable(string(r.text), 64))
		}
		return p.begin(r.text)
	case codeDetails:
		return p.detail(r)
	}
	return nil
}

func (p *parser) begin(text []byte) error {
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
	name, twice := p.roll.answer(row.name)
	if twice {
		return fmt.Errorf("protocol %s comes twice", bgptext.Printable(name, 64))
	}
	p.inProtocol, p.inBGP, p.detailed, p.whole = true, row.isBGP(), false, false
	if p.inBGP {
		p.reset()
		p.protocols = append(p.protocols, protocol{name: name, since: row.rest, session: routerclient.Session{VRF: routerclient.DefaultVRF}})
	}
	return nil
}

func (p *parser) current() *protocol { return &p.protocols[len(p.protocols)-1] }

func (p *parser) detail(r reply) error {
	switch {
	case !p.inProtocol || r.first == p.detailed:
		return truncated("details of a protocol begin in the middle")
	case len(r.text) == 0:
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
		return fmt.Errorf("protocol %s: %w", bgptext.Printable(p.current().name, 64), err)
	}
	return nil
}

// end checks that the protocol that was being read is whole.
func (p *parser) end() error {
	if !p.inBGP {
		return nil
	}
	name := p.current().name
	if field, missing := p.seen.missing(); missing {
		return truncated("protocol %s has no line %s", bgptext.Printable(name, 64), field)
	}
	if !p.whole {
		return truncated("protocol %s ends early", bgptext.Printable(name, 64))
	}
	p.finish()
	return nil
}

func truncated(format string, args ...any) error {
	return routerclient.Errorf(routerclient.ReasonAnswerTruncated, format, args...)
}
