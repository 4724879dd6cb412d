package main

import (
	"math"
	"slices"
	"time"
)

// spread is what a number of latencies were, in milliseconds.
type spread struct {
	Count         int
	P50, P99, Max float64
}

func spreadOf(latencies []time.Duration) spread {
	slices.Sort(latencies)
	return spread{
		Count: len(latencies), P50: percentile(latencies, 50), P99: percentile(latencies, 99), Max: percentile(latencies, 100),
	}
}

// percentile is by nearest rank, so that it is a latency that occurred. The latencies are sorted.
func percentile(latencies []time.Duration, p float64) float64 {
	if len(latencies) == 0 {
		return 0
	}
	rank := int(math.Ceil(p / 100 * float64(len(latencies))))
	return milliseconds(latencies[max(rank, 1)-1])
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
