package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/fix"
	"github.com/peergate/peergate/internal/terminal"
	"github.com/peergate/peergate/routerclient"
)

const fixExample = `  # What the routers of a node lack, asked with your own key and the host keys that ssh trusts
  kubectl peergate fix leviathan3 --username admin --identity ~/.ssh/id_ed25519

  # Type it into one of them, after a look at the lines, and wait for the session
  kubectl peergate fix leviathan3 --router edge --username admin --identity ~/.ssh/id_ed25519 --apply`

const fixLong = `Say what the routers of a node lack, and the lines that add it. The routers are asked from here, with your own
account, and never with the one in the manager's Secret, which may only read.

With --apply the lines are typed into each router that lacks the node, after you have seen them and said yes. If the
router refuses one, or does not show the neighbor afterwards, all of them are taken back. If it shows the neighbor, its
configuration is saved where that is a step of its own, and the command waits for the session. A session that does not
come up leaves the neighbor in place: the node may be off.

`

// fixer is the command fix.
type fixer struct {
	cluster
	credentials
	question
	apply, yes bool
	timeout    time.Duration

	out     io.Writer
	answers io.Reader
}

// question is what a person says of the neighbor that is missing.
type question struct {
	router    string
	address   string
	routerASN uint32
	nodeASN   uint32
	peerGroup string
}

func newFix() *cobra.Command {
	f := &fixer{}
	cmd := &cobra.Command{
		Use:               "fix NODE",
		Short:             "Add a node to the routers that lack it, or say how.",
		Long:              fixLong + exitCodes,
		Example:           fixExample,
		Args:              one("NODE"),
		ValidArgsFunction: f.complete(corev1.SchemeGroupVersion.WithKind("NodeList")),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.out, f.answers = cmd.OutOrStdout(), cmd.InOrStdin()
			cl, err := f.client()
			if err != nil {
				return err
			}
			return f.run(cmd.Context(), cl, args[0])
		},
	}
	f.cluster.addTo(cmd)
	fs := cmd.Flags()
	f.credentials.addTo(fs)
	fs.StringVar(&f.router, "router", "", "only this BGPRouter")
	routers := f.complete(v1alpha1.GroupVersion.WithKind("BGPRouterList"))
	_ = cmd.RegisterFlagCompletionFunc("router", func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return routers(cmd, nil, begun)
	}) // it fails for a flag that is not there
	fs.StringVar(&f.address, "address", "", "address of the node that the router is to have as a neighbor (default the node's first)")
	fs.Uint32Var(&f.routerASN, "router-asn", 0, "AS number of the router (default what it says itself, which many do not without a neighbor)")
	fs.Uint32Var(&f.nodeASN, "node-asn", 0, "AS number of the node (default that of the other nodes on the router)")
	fs.StringVar(&f.peerGroup, "peer-group", "", "peer group for the neighbor (default that of the other nodes on the router)")
	fs.BoolVar(&f.apply, "apply", false, "type the lines into the routers")
	fs.BoolVarP(&f.yes, "yes", "y", false, "do not ask before lines are typed")
	fs.DurationVar(&f.timeout, "timeout", 2*time.Minute, "how long to wait for a session after its neighbor was added")
	return cmd
}

// run goes on with the other routers after one that fails.
func (f *fixer) run(ctx context.Context, reader client.Reader, name string) error {
	scene, err := gatherFix(ctx, reader, name, f.question)
	if err != nil {
		return err
	}
	secret, err := f.ownCredentials(ctx)
	if err != nil {
		return err
	}
	for _, word := range scene.words() {
		f.say("%s", word)
	}
	var failures []error
	for i := range scene.routers {
		if err := f.fix(ctx, scene, &scene.routers[i], secret); err != nil {
			failures = append(failures, err)
		}
		if ctx.Err() != nil {
			return worst(append(failures, errInterrupted))
		}
	}
	return worst(failures)
}

// worst keeps an error before something that needs a person: the exit status tells of one only.
func worst(failures []error) error {
	hard := slices.DeleteFunc(slices.Clone(failures), func(err error) bool { return errors.Is(err, errNeedsPerson) })
	if len(hard) > 0 {
		return errors.Join(hard...)
	}
	if len(failures) > 0 {
		return errNeedsPerson
	}
	return nil
}

// say writes a line. What a person at the other end of a broken pipe would have read is lost anyway.
func (f *fixer) say(format string, args ...any) {
	_, _ = io.WriteString(f.out, terminal.Clean(fmt.Sprintf(format, args...))+"\n")
}

// fix asks one router, and adds the node if it is lacking and that is wanted.
func (f *fixer) fix(ctx context.Context, s *fixScene, router *v1alpha1.BGPRouter, secret map[string][]byte) error {
	console, err := f.open(router, secret)
	if err != nil {
		return f.unasked(s, router, err)
	}
	defer console.close()
	finding, err := console.find(ctx, s.questionTo(router))
	if err != nil {
		return f.unasked(s, router, err)
	}
	f.say("Router %s %s.", router.Name, finding.Answer.Message)
	for _, warning := range finding.Answer.Warnings {
		f.say("Router %s %s.", router.Name, warning)
	}
	if !finding.Lacks {
		return needsPersonUnless(finding.Answer.Outcome == "Established")
	}
	if !f.apply {
		f.showRemedy(router, finding.Answer.Remedy)
		return errNeedsPerson
	}
	plan, err := fix.NewPlan(router.Spec.Platform, finding.Missing, router.Spec.CommandPrefix)
	if err != nil {
		f.showRemedy(router, finding.Answer.Remedy)
		return unplanned(router, finding.Missing, err)
	}
	return f.applyTo(ctx, router, console, plan)
}

// unplanned says why the lines that were shown are for a person to type.
func unplanned(router *v1alpha1.BGPRouter, m routerclient.Missing, err error) error {
	if byHand, ok := errors.AsType[*fix.ByHandError](err); ok {
		return fmt.Errorf("router %s: --apply: %w. Type the lines above yourself", router.Name, byHand)
	}
	return fmt.Errorf("router %s: %w%s", router.Name, err, flagFor(m))
}

// unasked says why a router was not asked, and what is known of it without.
func (f *fixer) unasked(s *fixScene, router *v1alpha1.BGPRouter, err error) error {
	if hint := s.hint(router.Name); hint != "" {
		f.say("Router %s was not asked. The node's condition says of it:", router.Name)
		f.say("%s", indented(strings.Split(hint, "\n")))
	}
	return fmt.Errorf("router %s: %w", router.Name, err)
}

func needsPersonUnless(fine bool) error {
	if fine {
		return nil
	}
	return errNeedsPerson
}

func (f *fixer) showRemedy(router *v1alpha1.BGPRouter, remedy routerclient.Remedy) {
	f.say("Type on %s:\n%s", router.Name, indented(remedy.Lines))
	if remedy.Note != "" {
		f.say("%s", remedy.Note)
	}
}

func indented(lines []string) string { return "  " + strings.Join(lines, "\n  ") }

// applyTo shows what is typed, asks, types, and waits for the session.
func (f *fixer) applyTo(ctx context.Context, router *v1alpha1.BGPRouter, c *console, plan fix.Plan) error {
	peer := plan.Missing.Peer
	if !f.agreed(ctx, router, c, plan) {
		f.say("Nothing was typed into %s.", router.Name)
		return errNeedsPerson
	}
	if err := c.apply(ctx, plan, func(line string) { f.say("%s: %s", router.Name, line) }); err != nil {
		return fmt.Errorf("router %s: %w", router.Name, err)
	}
	f.say("Router %s has neighbor %s. Waiting up to %s for the session.", router.Name, peer, f.timeout)
	if err := c.await(ctx, plan.Missing, f.timeout); err != nil {
		f.say("Router %s has the neighbor, but %v after %s. Look at the node's BGP speaker.", router.Name, err, f.timeout)
		return errNeedsPerson
	}
	f.say("Router %s has an Established session with %s.", router.Name, peer)
	return nil
}

// flagFor names the flags for what is not known of the neighbor.
func flagFor(m routerclient.Missing) string {
	switch {
	case m.LocalASN == 0 && m.RemoteASN == 0:
		return "; give --router-asn and --node-asn"
	case m.LocalASN == 0:
		return "; give --router-asn"
	case m.RemoteASN == 0:
		return "; give --node-asn"
	}
	return ""
}

// agreed shows the very lines that are typed, which may be other than the remedy's: they must come undone as a whole.
func (f *fixer) agreed(ctx context.Context, router *v1alpha1.BGPRouter, c *console, plan fix.Plan) bool {
	f.say("Into %s (%s), as %s, this will be typed:\n%s", router.Name, c.address, c.user, indented(plan.Apply))
	if len(plan.Save) > 0 {
		f.say("and, once it has the neighbor:\n%s", indented(plan.Save))
	}
	f.say("If it refuses a line:\n%s", indented(slices.Concat(plan.Abort, undoOf(plan))))
	if plan.Note != "" {
		f.say("%s", plan.Note)
	}
	if f.yes {
		return true
	}
	_, _ = fmt.Fprint(f.out, "Type it? [y/N] ")
	answer, err := asked(ctx, f.answer)
	switch {
	case errors.Is(err, errInterrupted):
		f.say("")
	case err != nil:
		f.say("\nNobody answers: --yes does, where nobody can be asked.")
	}
	return slices.Contains([]string{"y", "yes"}, strings.ToLower(answer))
}

// undoOf leaves out the lines that a plan only needs if a commit succeeds without effect.
func undoOf(plan fix.Plan) []string {
	if plan.Atomic && len(plan.Abort) > 0 {
		return nil
	}
	return plan.Undo
}

// answer reads a line and not more: the next question has an answer of its own. It fails if there is none.
func (f *fixer) answer() (string, error) {
	var typed []byte
	for letter := make([]byte, 1); ; {
		n, err := f.answers.Read(letter)
		if n > 0 && letter[0] != '\n' {
			typed = append(typed, letter[0])
			continue
		}
		if n > 0 || err != nil {
			if len(typed) > 0 || n > 0 {
				err = nil
			}
			return strings.TrimSpace(string(typed)), err
		}
	}
}

// parseAddress is the address that a person gives, or the zero Addr.
func parseAddress(text string) (netip.Addr, error) {
	if text == "" {
		return netip.Addr{}, nil
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return addr, fmt.Errorf("--address: %q is not an IP address", text)
	}
	if addr.Zone() != "" {
		return addr, fmt.Errorf("--address: %q has a zone", text)
	}
	return addr.Unmap(), nil
}
