package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"testing"
)

// contest is a driver, and what it is measured against over the same neighbors.
type contest struct {
	driver *contestant
	// frr is encoding/json with FRR's answer.
	frr *contestant
	// decoder and textFSM read the driver's own answers; one of the two is nil, or both.
	decoder, textFSM *contestant
	// size is the length of the driver's answers in bytes.
	size int
}

// contestant is a reader, and what it cost in each round.
type contestant struct {
	read reader
	// neighbors is how many there are in the table.
	neighbors int
	costs     []cost
}

// cost is what it takes to read a table once.
type cost struct {
	nanoseconds, bytes float64
}

func (p platform) contest(n int) (*contest, error) {
	printed, err := answers(p.answers, n)
	if err != nil {
		return nil, err
	}
	frr, err := answers([]string{"frr.json"}, n)
	if err != nil {
		return nil, err
	}
	c := &contest{
		driver: &contestant{read: driver(p.client, printed, p.status), neighbors: n},
		frr:    &contestant{read: func() (int, error) { return decodeFRR(frr) }, neighbors: n},
		size:   len(bytes.Join(printed, nil)),
	}
	if p.decode != nil {
		c.decoder = &contestant{read: func() (int, error) { return p.decode(printed) }, neighbors: n}
	}
	if len(p.texts) > 0 {
		read, err := textFSM(p.texts, printed)
		if err != nil {
			return nil, err
		}
		c.textFSM = &contestant{read: read, neighbors: n}
	}
	return c, nil
}

func (c *contest) contestants() []*contestant {
	all := []*contestant{c.driver, c.frr, c.decoder, c.textFSM}
	return slices.DeleteFunc(all, func(c *contestant) bool { return c == nil })
}

// run measures the readers in turn, in several rounds, so that none of them gets the machine's worst while alone.
func (c *contest) run(rounds int) error {
	for range rounds {
		for _, one := range c.contestants() {
			if err := one.measure(); err != nil {
				return err
			}
		}
	}
	return nil
}

// costs returns what a neighbor costs the driver in a table of each of the sizes.
func (p platform) costs(rounds int) ([]cost, error) {
	var costs []cost
	for _, n := range sizes {
		printed, err := answers(p.answers, n)
		if err != nil {
			return nil, err
		}
		one := &contestant{read: driver(p.client, printed, p.status), neighbors: n}
		for range rounds {
			if err := one.measure(); err != nil {
				return nil, err
			}
		}
		costs = append(costs, one.cost())
	}
	return costs, nil
}

func (c *contestant) measure() error {
	var failed error
	result := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if failed = c.check(); failed != nil {
				b.FailNow()
			}
		}
	})
	if failed != nil {
		return failed
	}
	c.costs = append(c.costs, cost{
		nanoseconds: float64(result.T.Nanoseconds()) / float64(result.N),
		bytes:       float64(result.MemBytes) / float64(result.N),
	})
	return nil
}

func (c *contestant) check() error {
	found, err := c.read()
	if err == nil && found != c.neighbors {
		err = fmt.Errorf("%d neighbors found of %d", found, c.neighbors)
	}
	return err
}

// cost returns what a neighbor cost in the fastest round, the one that was disturbed least.
func (c *contestant) cost() cost {
	fastest := slices.MinFunc(c.costs, func(a, b cost) int { return cmp.Compare(a.nanoseconds, b.nanoseconds) })
	n := float64(c.neighbors)
	return cost{fastest.nanoseconds / n, fastest.bytes / n}
}

// times returns how many times as long as other c takes.
func (c *contestant) times(other *contestant) float64 {
	return c.cost().nanoseconds / other.cost().nanoseconds
}
