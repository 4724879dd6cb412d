package report

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/internal/terminal"
	"github.com/peergate/peergate/internal/verdict"
)

// Print writes the status in one of the formats.
func (s Status) Print(w io.Writer, v View) error {
	if ok, err := Encode(w, s, v.Format); ok {
		return err
	}
	if v.Format == FormatName {
		return s.printNames(w)
	}
	return errors.Join(
		s.printUrgent(w, v),
		s.printCounts(w),
		s.printPolicies(w, v),
		printRouters(w, s.Routers, v),
		s.printNodes(w, v),
	)
}

// resources are the kinds of what needs a person as kubectl's -o name has them.
var resources = map[string]string{
	"Node": "node", "BGPRouter": "bgprouter.peergate.dev", "PeeringPolicy": "peeringpolicy.peergate.dev",
	"Lease": "lease.coordination.k8s.io",
}

// printNames names what needs a person.
func (s Status) printNames(w io.Writer) error {
	for _, u := range s.NeedsPerson {
		if _, err := fmt.Fprintf(w, "%s/%s\n", resources[u.Kind], u.Name); err != nil {
			return err
		}
	}
	return nil
}

// shownOfKind is how many of a kind are shown where there are too many to read.
const shownOfKind = 10

func (s Status) printUrgent(w io.Writer, v View) error {
	if s.Healthy() {
		_, err := fmt.Fprintln(w, v.Style.Good("Nothing needs a person."))
		return err
	}
	if _, err := fmt.Fprintln(w, v.Style.Bold("Needs a person:")); err != nil {
		return err
	}
	shown := map[string]int{}
	for _, u := range s.NeedsPerson {
		shown[u.Kind]++
		if shown[u.Kind] > shownOfKind && !v.wide() {
			continue
		}
		if err := u.print(w, v); err != nil {
			return err
		}
	}
	for _, kind := range []string{"PeeringPolicy", "BGPRouter", "Node"} {
		if more := shown[kind] - shownOfKind; more > 0 && !v.wide() {
			if _, err := fmt.Fprintf(w, "  and %d more of kind %s: -o wide shows all\n", more, kind); err != nil {
				return err
			}
		}
	}
	return nil
}

func (u Urgent) print(w io.Writer, v View) error {
	_, err := fmt.Fprintf(w, "  %s %s (%s): %s\n    %s\n",
		v.Style.Bad(resources[u.Kind]+"/"+u.Name), u.Reason, v.age(u.Since), u.Message, v.Style.Faint(u.Command))
	return err
}

func (s Status) printCounts(w io.Writer) error {
	var words []string
	for _, c := range []struct {
		n    int
		what verdict.State
	}{
		{s.Nodes.Peered, verdict.Peered},
		{s.Nodes.Held, verdict.Held},
		{s.Nodes.Lost, verdict.Lost},
		{s.Nodes.Reported, verdict.Reported},
		{s.Nodes.Exempt, verdict.Exempt},
		{s.Nodes.Unknown, verdict.Undecided},
		{s.Nodes.Unselected, verdict.Unselected},
	} {
		if c.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	if len(words) == 0 {
		words = []string{"none"}
	}
	leader := "not known: " + s.Leader.Unknown
	if s.Leader.Alive != nil {
		leader = "none"
		if *s.Leader.Alive {
			leader = s.Leader.Holder
		}
	}
	_, err := fmt.Fprintf(w, "\nNodes:  %s\nLeader: %s\n", strings.Join(words, ", "), leader)
	return err
}

func (s Status) printPolicies(w io.Writer, v View) error {
	if len(s.Policies) == 0 {
		_, err := fmt.Fprintln(w, "\nThere is no PeeringPolicy: no node is held.")
		return err
	}
	table := terminal.Table{}
	table.Row("POLICY", "MODE", "NODES", "PEERED", "HELD", "LOST", "REPORTED", "GUARD")
	for _, p := range s.Policies {
		paint, guard := terminal.Style.Good, "quiet"
		if p.Guarding {
			paint, guard = terminal.Style.Bad, "tripped"
		}
		table.Painted(func(text string) string { return paint(v.Style, text) },
			p.Name, string(p.Mode), strconv.Itoa(p.Selects), number(p.Nodes.Peered), number(p.Nodes.Held), number(p.Nodes.Lost),
			number(p.Nodes.Reported), guard)
	}
	return printTable(w, &table)
}

func number(n int32) string { return strconv.Itoa(int(n)) }

// printTable writes a table with an empty line before it.
func printTable(w io.Writer, table *terminal.Table) error {
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return table.Write(w)
}

// colourOf is how the name of a node in a state is shown.
func colourOf(state verdict.State) func(terminal.Style, string) string {
	switch state {
	case verdict.Peered:
		return terminal.Style.Good
	case verdict.Lost, verdict.Reported:
		return terminal.Style.Bad
	case verdict.Held, verdict.Undecided:
		return terminal.Style.Warning
	default:
		return terminal.Style.Faint
	}
}

// printNodes lists every node, in the wide format.
func (s Status) printNodes(w io.Writer, v View) error {
	if !v.wide() || len(s.NodeList) == 0 {
		return nil
	}
	table := terminal.Table{}
	table.Row("NODE", "STATE", "SINCE", "TAINT", "REASON", "ROUTERS", "POLICIES")
	for _, n := range s.NodeList {
		tainted := "no"
		if n.Tainted {
			tainted = "yes"
		}
		table.Painted(func(text string) string { return colourOf(n.State)(v.Style, text) },
			n.Name, string(n.State), v.age(n.Since), tainted, orDash(n.Reason), orDash(n.Routers...), orDash(n.Policies...))
	}
	return printTable(w, &table)
}

func printRouters(w io.Writer, routers []Router, v View) error {
	if len(routers) == 0 {
		_, err := fmt.Fprintln(w, "\nThere is no BGPRouter: nothing can be known of any node.")
		return err
	}
	return printTable(w, routerTable(routers, v))
}

func routerTable(routers []Router, v View) *terminal.Table {
	table := &terminal.Table{}
	header := []string{"ROUTER", "ADDRESS", "PLATFORM", "REACHABLE", "REASON", "SINCE", "ESTABLISHED", "DOWN", "NODES"}
	if v.wide() {
		header = append(header, "STRAY", "ASN", "ROUTER-ID", "VRF", "BMP", "LAST-CONTACT")
	}
	table.Row(header...)
	for _, r := range routers {
		row := []string{
			r.Name, r.Address, r.Platform, string(r.Reachable), r.Reason, v.age(r.Since), number(r.Established), number(r.Down),
			strconv.Itoa(r.Nodes),
		}
		if v.wide() {
			row = append(row, number(r.StrayNeighbors), strconv.FormatInt(r.LocalASN, 10), orDash(r.RouterID), orDash(r.VRF), orDash(r.BMP), v.age(r.LastContact))
		}
		table.Painted(func(text string) string {
			if r.Reachable == metav1.ConditionTrue {
				return v.Style.Good(text)
			}
			return v.Style.Bad(text)
		}, row...)
	}
	return table
}
