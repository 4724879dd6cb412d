package fix

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/platform"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Plan is what is typed into a router to give it one neighbor.
type Plan struct {
	Missing routerclient.Missing
	// Note is what the lines leave open, or "".
	Note string
	// Terminal is true where the lines are typed on a terminal, one after the other, and false where each is a command
	// that is run by itself.
	Terminal bool
	// Setup makes a terminal fit to be read. What a router says to it does not matter.
	Setup []string
	// Look shows what the router's configuration says of the neighbor already, or is "" where the sessions show every
	// neighbor there is. A neighbor that is configured and has no session is not one to add, and never one to take away.
	Look string
	// Apply gives the router the neighbor.
	Apply []string
	// Abort throws away, in the same session, what was typed before a line that was refused.
	Abort []string
	// Undo takes the neighbor away again. A line of it that is refused is no harm.
	Undo []string
	// Save keeps the neighbor over a restart of the router.
	Save []string
	// Atomic is true where nothing of Apply takes effect before the line that commits it.
	Atomic bool

	// refusesAbsent is true of a router that refuses to show what is not there.
	refusesAbsent bool
	// refused is true of an answer in which the router refuses a line.
	refused func(answer string) bool
}

// request is what a platform makes its plan from.
type request struct {
	routerclient.Missing
	// lines are those of the remedy.
	lines []string
	// prefix comes before each command of a shell.
	prefix []string
}

var planners = map[string]func(request) Plan{
	"Cumulus":   cumulus,
	"EOS":       eos,
	"EdgeOS":    vyatta,
	"FRR":       frr,
	"GoBGP":     gobgp,
	"IOS":       ios,
	"IOSXR":     iosxr,
	"Junos":     junos,
	"NXOS":      nxos,
	"RouterOS":  routeros,
	"RouterOS6": routeros6,
	"SONiC":     sonic,
	"SRLinux":   srlinux,
	"VyOS":      vyatta,
}

// byHand says why nothing is typed into the other platforms.
var byHand = map[string]string{
	"BIRD":     "its neighbors are in a file that people edit and often generate",
	"FortiOS":  "its configuration belongs to its web interface, or to the FortiManager over it",
	"OPNsense": "its web interface owns the configuration, and overwrites what is typed elsewhere",
	"OpenBGPD": "its neighbors are in a file that people edit and often generate",
	"SNMP":     "it is only read, over SNMP, and may be of any make",
	"UniFi":    "its BGP configuration is a file that UniFi Network uploads, and overwrites what is typed elsewhere",
}

// ByHandError is about a platform that a person has to configure.
type ByHandError struct{ Platform, Why string }

func (e *ByHandError) Error() string {
	return fmt.Sprintf("nothing is typed into a router of platform %s: %s", e.Platform, e.Why)
}

// Types is true of a platform that has a plan: the others are configured by a person.
func Types(platformName string) bool { return planners[platformName] != nil }

// NewPlan returns the plan for a missing neighbor. A platform without one is a [ByHandError]. The prefix is that of the
// BGPRouter, if it has one.
func NewPlan(platformName string, m routerclient.Missing, prefix []string) (Plan, error) {
	p, known := platform.Lookup(platformName)
	if !known {
		return Plan{}, fmt.Errorf("planning: platform %q is not known", platformName)
	}
	planner, ok := planners[platformName]
	if !ok {
		return Plan{}, &ByHandError{Platform: platformName, Why: byHand[platformName]}
	}
	added := p.Remedy(m)
	for _, line := range added.Lines {
		if err := typeable(line); err != nil {
			return Plan{}, err
		}
	}
	if err := nameable(platformName, m); err != nil {
		return Plan{}, err
	}
	plan := planner(request{Missing: m, lines: added.Lines, prefix: prefix})
	plan.Missing, plan.Note = m, added.Note
	return plan, nil
}

var placeholder = regexp.MustCompile(`<[^<>]+>`)

// typeable refuses a line that still needs a person, or that is more than one: names in it come from the router.
func typeable(line string) error {
	if open := placeholder.FindString(line); open != "" {
		return fmt.Errorf("planning: %s is not known, in the line %q", open, line)
	}
	if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Errorf("planning: a control character in the line %q", line)
	}
	return nil
}

// quotes are the platforms whose remedy quotes names of any kind.
var quotes = []string{"RouterOS", "RouterOS6"}

// plain is a name that no command line, and no shell below one, takes for anything but a word.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:@/+=-]*$`)

// nameable refuses names that would be more than a word in a line: the VRF is from a BGPRouter, which others may write
// than the person as whom the line is typed, and the peer group from the router.
func nameable(platformName string, m routerclient.Missing) error {
	if m.Peer.Zone() != "" {
		return fmt.Errorf("planning: the address %s has a zone", m.Peer)
	}
	for _, named := range [][2]string{{"VRF", remedy.VRF(m)}, {"peer group", m.PeerGroup}} {
		if what, name := named[0], named[1]; name != "" && !plain.MatchString(name) && !slices.Contains(quotes, platformName) {
			return fmt.Errorf("planning: the %s %q is not one plain word: type the lines yourself, if it is right", what, name)
		}
	}
	return nil
}

// until splits lines before the first that begins with start.
func until(lines []string, start string) (before, from []string) {
	for i, line := range lines {
		if strings.HasPrefix(line, start) {
			return lines[:i], lines[i:]
		}
	}
	return lines, nil
}
