// Command mutants measures how much the tests of a package notice: it breaks the package in one small way after
// another, and runs the package's own tests on each. A mutant that fails them, or does not come to an end, is killed; a
// mutant that passes them has survived, and shows something that no test asserts.
//
// Mutants that behave as the original does cannot be killed, and are listed in a file with the reason; they are not
// counted. Nothing is written to the package: the go command is given each mutant as an overlay.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

type options struct {
	dir        string
	equivalent string
	atLeast    float64
	timeout    time.Duration
	parallel   int
	packages   []string
	testArgs   []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ok, err := run(ctx, parse(os.Args[1:]), os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

func parse(args []string) options {
	var o options
	f := flag.NewFlagSet("mutants", flag.ExitOnError)
	f.Usage = func() {
		fmt.Fprintln(f.Output(), "usage: mutants [flags] package... [-- arguments of go test]")
		f.PrintDefaults()
	}
	f.StringVar(&o.dir, "C", ".", "root `directory` of the module")
	f.StringVar(&o.equivalent, "equivalent", "", "`file` of the mutants that behave as the original does")
	f.Float64Var(&o.atLeast, "at-least", 95, "`percentage` that must be killed")
	f.DurationVar(&o.timeout, "timeout", time.Minute, "of the tests of one mutant, after which it counts as killed")
	f.IntVar(&o.parallel, "parallel", 2, "`number` of mutants tested at the same time")
	// ExitOnError leaves no error to return.
	_ = f.Parse(args)
	o.packages = f.Args()
	for i, arg := range o.packages {
		if arg == "--" {
			o.packages, o.testArgs = o.packages[:i], o.packages[i+1:]
			break
		}
	}
	return o
}

// run reports whether enough mutants were killed.
func run(ctx context.Context, o options, out io.Writer) (bool, error) {
	known, err := readEquivalent(o.equivalent)
	if err != nil {
		return false, err
	}
	var mutants []mutant
	for _, p := range o.packages {
		found, err := mutantsOf(o.dir, p)
		if err != nil {
			return false, err
		}
		mutants = append(mutants, found...)
	}
	if err := passUnchanged(ctx, o); err != nil {
		return false, err
	}
	t := tally{out: out, known: known}
	if err := testAll(ctx, o, mutants, t.add); err != nil {
		return false, err
	}
	return t.report(o.atLeast), nil
}
