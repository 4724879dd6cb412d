package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// bounds are what drivers should keep; the report marks what does not.
const (
	// maxOfDecoder is how many times as long as encoding/json for FRR's answer a driver may take, and as the standard
	// library for its own answers, where these have a structure.
	maxOfDecoder = 3
	// minOverTextFSM is how many times as fast as gotextfsm a driver should be.
	minOverTextFSM = 20
	// maxGrowth is how many times as much memory a neighbor may take in the largest table as in the smallest, which has
	// a hundredth of the neighbors.
	maxGrowth = 2
)

const marker = " !"

type report struct {
	out    *tabwriter.Writer
	rounds int
}

func newReport(w io.Writer, rounds int) *report {
	return &report{out: tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight), rounds: rounds}
}

// compare prints what drivers cost, and how that compares with others.
func (r *report) compare(platforms []platform) error {
	fmt.Fprintf(r.out, "%d neighbors\tkB\tns each\tB each\tof FRR's JSON\tof own JSON/XML\tover gotextfsm\t\n", comparedSize)
	for _, p := range platforms {
		c, err := p.contest(comparedSize)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err := c.run(r.rounds); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		cost := c.driver.cost()
		fmt.Fprintf(r.out, "%s\t%d\t%.0f\t%.0f\t%s\t%s\t%s\t\n", p.name, c.size/1000, cost.nanoseconds, cost.bytes,
			c.ofFRR(), c.ofDecoder(), c.overTextFSM())
	}
	return r.out.Flush()
}

func (c *contest) ofFRR() string {
	ratio := c.driver.times(c.frr)
	return mark(ratio, ratio <= maxOfDecoder)
}

func (c *contest) ofDecoder() string {
	if c.decoder == nil {
		return "-"
	}
	ratio := c.driver.times(c.decoder)
	return mark(ratio, ratio <= maxOfDecoder)
}

func (c *contest) overTextFSM() string {
	if c.textFSM == nil {
		return "-"
	}
	ratio := c.textFSM.times(c.driver)
	return mark(ratio, ratio >= minOverTextFSM)
}

// grow prints what a neighbor costs in tables of all sizes.
func (r *report) grow(platforms []platform) error {
	fmt.Fprint(r.out, "\neach of\t")
	for _, unit := range []string{"ns", "B"} {
		for _, size := range sizes {
			fmt.Fprintf(r.out, "%d: %s\t", size, unit)
		}
	}
	fmt.Fprintln(r.out, "B, last of first\t")
	for _, p := range platforms {
		costs, err := p.costs(r.rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		fmt.Fprintf(r.out, "%s\t", p.name)
		for _, c := range costs {
			fmt.Fprintf(r.out, "%.0f\t", c.nanoseconds)
		}
		for _, c := range costs {
			fmt.Fprintf(r.out, "%.0f\t", c.bytes)
		}
		growth := costs[len(costs)-1].bytes / costs[0].bytes
		fmt.Fprintf(r.out, "%s\t\n", mark(growth, growth <= maxGrowth))
	}
	return r.out.Flush()
}

// mark returns the ratio as a cell, with the marker if it is out of bounds.
func mark(ratio float64, within bool) string {
	if within {
		return fmt.Sprintf("%.1f", ratio)
	}
	return fmt.Sprintf("%.1f%s", ratio, marker)
}
