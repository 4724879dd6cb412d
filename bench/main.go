// Command bench holds what Peergate's drivers need to read a router's table of neighbors against what encoding/json,
// encoding/xml and gotextfsm need for it, and prints ratios. A ratio out of bounds is marked, and no error: the machine
// may have been busy. docs/performance.md explains the tables.
//
// It is a module of its own so that gotextfsm is in nobody's build of Peergate.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"
)

// sizes are the numbers of neighbors whose cost must grow in proportion, comparedSize the one of the comparison.
var sizes = []int{500, comparedSize, 50_000}

const comparedSize = 5_000

func main() {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	rounds := flags.Int("rounds", 7, "measure everything so many times, and take the fastest")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: bench [-rounds N] [PLATFORM ...]")
		flags.PrintDefaults()
	}
	_ = flags.Parse(os.Args[1:])
	if err := run(newReport(os.Stdout, *rounds), named(flags.Args())); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(r *report, chosen []platform) error {
	testing.Init()
	if err := flag.Set("test.benchtime", "100ms"); err != nil {
		return err
	}
	if err := r.compare(chosen); err != nil {
		return err
	}
	return r.grow(chosen)
}

// named returns the platforms of these names, all if there are none.
func named(names []string) []platform {
	if len(names) == 0 {
		return platforms
	}
	return slices.DeleteFunc(slices.Clone(platforms), func(p platform) bool { return !slices.Contains(names, p.name) })
}
