package report

import (
	"fmt"
	"io"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/internal/verdict"
)

// Print writes the explanation in one of the formats.
func (e Explanation) Print(w io.Writer, v View) error {
	if ok, err := Encode(w, e, v.Format); ok {
		return err
	}
	var b strings.Builder
	e.writeNode(&b, v)
	e.writePolicies(&b, v)
	for _, a := range e.Routers {
		a.write(&b, v, e.Node.State)
	}
	e.writeNext(&b, v)
	e.writeEvents(&b, v)
	_, err := io.WriteString(w, b.String())
	return err
}

func (e Explanation) writeNode(b *strings.Builder, v View) {
	n := e.Node
	tainted := "open to pods"
	if n.Tainted {
		tainted = "closed by the taint"
	}
	fmt.Fprintf(b, "Node %s is %s", v.Style.Bold(n.Name), colourOf(n.State)(v.Style, string(n.State)))
	if n.Since != nil {
		fmt.Fprintf(b, " since %s (%s)", v.clock(n.Since.Time), v.age(n.Since))
	}
	fmt.Fprintf(b, ", and %s.\n", tainted)
	if e.Headline != "" {
		fmt.Fprintln(b, e.Headline)
	}
	fmt.Fprintf(b, "Its sessions come from: %s\n", orDash(e.Addresses...))
	if n.ConfirmedAt != "" {
		fmt.Fprintf(b, "The routers first confirmed it at %s.\n", n.ConfirmedAt)
	}
}

func (e Explanation) writePolicies(b *strings.Builder, v View) {
	if len(e.Policies) == 0 {
		fmt.Fprintln(b, "\nNo PeeringPolicy selects it.")
	}
	for _, d := range e.Policies {
		fmt.Fprintf(b, "\n%s %s (%s)\n", v.Style.Bold("Policy"), d.Policy, d.Mode)
		fmt.Fprintf(b, "  wants %s; %s\n", d.Wants, d.OnLoss)
		if d.Guarding {
			fmt.Fprintln(b, "  "+v.Style.Bad("its disruption guard has tripped"))
		}
	}
}

func (a Answer) write(b *strings.Builder, v View, state verdict.State) {
	r := a.Router
	fmt.Fprintf(b, "\n%s %s (%s, %s) %s\n", v.Style.Bold("Router"), r.Name, r.Platform, r.Address, a.health(v))
	for _, sentence := range a.Says {
		fmt.Fprintln(b, "  "+sentence)
	}
	switch {
	case state == verdict.Exempt:
		fmt.Fprintln(b, "  Its answer does not matter for a node that is exempt.")
	case len(a.Says) == 0:
		fmt.Fprintln(b, "  Nothing is known yet of what it says of this node.")
	case a.At != nil:
		fmt.Fprintf(b, "  %s\n", v.Style.Faint("noted at "+v.clock(a.At.Time)+" ("+v.age(a.At)+" ago)"))
	}
	if len(a.Type) > 0 {
		fmt.Fprintf(b, "  Type on %s:\n", r.Name)
	}
	for _, line := range a.Type {
		fmt.Fprintln(b, "    "+v.Style.Warning(line))
	}
	if a.Note != "" {
		fmt.Fprintln(b, "  "+strings.ReplaceAll(a.Note, "\n", "\n  "))
	}
}

func (a Answer) health(v View) string {
	r := a.Router
	switch {
	case r.Reachable == metav1.ConditionTrue:
		return v.Style.Good("answers")
	case r.Reachable == metav1.ConditionUnknown:
		return v.Style.Warning("was not asked yet")
	case r.LastContact == nil:
		return v.Style.Bad("has given no answer (" + r.Reason + ")")
	default:
		return v.Style.Bad("gives no answer (" + r.Reason + "); its last was at " + v.clock(r.LastContact.Time) + " (" + v.age(r.LastContact) + ")")
	}
}

func (e Explanation) writeNext(b *strings.Builder, v View) {
	fmt.Fprintf(b, "\n%s\n", v.Style.Bold("What happens next"))
	for _, line := range e.Next {
		fmt.Fprintln(b, "  "+line)
	}
}

func (e Explanation) writeEvents(b *strings.Builder, v View) {
	if e.EventsUnknown != "" {
		fmt.Fprintf(b, "\nEvents: not known: %s\n", e.EventsUnknown)
		return
	}
	if len(e.Events) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", v.Style.Bold("What was told"))
	for _, told := range e.Events {
		times := ""
		if told.Count > 1 {
			times = fmt.Sprintf(", %d times", told.Count)
		}
		fmt.Fprintf(b, "  %s %s: %s%s\n", v.clock(told.At.Time), told.Reason, told.Note, times)
	}
}
