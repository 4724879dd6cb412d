package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/internal/report"
	"github.com/peergate/peergate/internal/terminal"
)

// page is what a command shows.
type page interface {
	Print(io.Writer, report.View) error
	// Healthy is false if something needs a person.
	Healthy() bool
}

// pager shows a page once, or again and again as it changes.
type pager struct {
	cluster
	// formats are those of -o that the page has, besides the one without -o.
	formats []string
	output  string
	watch   bool
	// gather makes the page. It asks for the time once it has read.
	gather func(ctx context.Context, reader client.Reader, now func() time.Time) (page, error)
}

func (p *pager) addTo(cmd *cobra.Command) {
	p.cluster.addTo(cmd)
	cmd.Flags().StringVarP(&p.output, "output", "o", "", strings.Join(p.formats, ", "))
	cmd.Flags().BoolVarP(&p.watch, "watch", "w", false, "show it again whenever it changes, until interrupted")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(p.formats, cobra.ShellCompDirectiveNoFileComp)) // it fails for a flag that is not there
}

func (p *pager) run(cmd *cobra.Command) error {
	if err := checkFormat(p.output, p.formats); err != nil {
		return err
	}
	cl, err := p.client()
	if err != nil {
		return err
	}
	if p.watch {
		return p.follow(cmd, cl)
	}
	return p.once(cmd, cl)
}

func checkFormat(format string, formats []string) error {
	if format != report.FormatText && !slices.Contains(formats, format) {
		return fmt.Errorf("--output: %q is not one of %s", format, strings.Join(formats, ", "))
	}
	return nil
}

func (p *pager) once(cmd *cobra.Command, cl client.Client) error {
	shown, err := p.gather(cmd.Context(), cl, p.clock.now)
	if err != nil {
		return err
	}
	if err := printed(cmd.OutOrStdout(), shown, p.view(cmd, p.clock.now())); err != nil {
		return err
	}
	if !shown.Healthy() {
		return errNeedsPerson
	}
	return nil
}

// printed writes a page as it may be shown on a terminal.
func printed(out io.Writer, shown page, v report.View) error {
	var text bytes.Buffer
	err := shown.Print(&text, v)
	if err == nil {
		_, err = io.WriteString(out, terminal.Clean(text.String()))
	}
	if err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

func (p *pager) view(cmd *cobra.Command, now time.Time) report.View {
	return report.View{Format: p.output, Style: terminal.StyleFor(cmd.OutOrStdout(), os.Getenv), Now: now}
}

// show writes a page to a screen. Whether it has changed is decided by its JSON form, which holds times and no ages.
func (p *pager) show(cmd *cobra.Command, screen *terminal.Screen, shown page, now time.Time) error {
	var text, about bytes.Buffer
	if err := printed(&text, shown, p.view(cmd, now)); err != nil {
		return err
	}
	if _, err := report.Encode(&about, shown, report.FormatJSON); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return screen.Show(text.String(), about.String())
}
