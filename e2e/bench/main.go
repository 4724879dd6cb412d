// Command bench measures what Peergate costs, as a user runs it: the release binary, under the shipped RBAC, against a
// real API server, with a router that answers over SSH. Where it can it measures the floor in the same run: what the API
// server needs for the same writes with nothing else running. docs/performance.md explains the tables.
//
// A figure out of bounds is marked, and no error: the machine may have been busy. Writes and webhook calls are counted,
// and a count out of bounds is an error.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

func main() {
	quick := flag.Bool("quick", false, "measure little, in about two minutes: the figures say nothing, the counts all")
	asJSON := flag.Bool("json", false, "print JSON")
	plot := flag.String("plot", "", "write the growth with the number of nodes to an SVG `file`")
	only := flag.String("only", "", "measure only these, `names` separated by commas: "+strings.Join(stepNames(), ", "))
	sizes := flag.String("nodes", "", "the `numbers` of nodes of the storms, separated by commas")
	rounds := flag.Int("rounds", 1, "repeat each storm so many times, and take the times that were disturbed least")
	logs := flag.String("log-dir", "", "`directory` in which to leave the log of each component")
	flag.Parse()
	silenceLibraries()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := full
	if *quick {
		p = brief
	}
	p.rounds = max(*rounds, 1)
	if err := p.choose(*only, *sizes); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if err := run(ctx, p, *asJSON, *plot, *logs); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, p plan, asJSON bool, plot, logs string) error {
	r, err := p.measure(ctx, logs, os.Stderr)
	if err != nil {
		return err
	}
	if plot != "" {
		svg, err := r.plot()
		if err == nil {
			err = os.WriteFile(plot, svg, 0o644)
		}
		if err != nil {
			return fmt.Errorf("plotting the growth: %w", err)
		}
	}
	if !asJSON {
		return errors.Join(r.print(os.Stdout), r.check())
	}
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	return errors.Join(out.Encode(r), r.check())
}

// silenceLibraries keeps what client-go logs of watches that end with the API server out of the report.
func silenceLibraries() {
	klog.SetLogger(logr.Discard())
	log.SetLogger(logr.Discard())
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
}
