package routerpoll

import (
	"time"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/routerclient"
)

// A router that refuses a login is left alone for minutes: many block an address, or an account, after a few attempts.
const (
	refusedBackoff    = time.Minute
	maxRefusedBackoff = 10 * time.Minute
)

// waitShare is the part of a node's wait after which its router is asked again: a node that has waited for ten minutes
// can wait for another, and a router must not be asked every second for as long as somebody forgets to configure it.
const waitShare = 10

// Delay is the time from one poll to the next, unless the router took so long that it is to rest. waited is how long the
// node has waited for the router that began last, or negative if none does; failures is the number of polls in a row that
// failed, the last with reason.
func Delay(poll v1alpha1.PollSpec, waited time.Duration, failures int, reason routerclient.Reason) time.Duration {
	interval, fast := poll.Interval.Duration, poll.FastInterval.Duration
	if failures > 0 {
		if refused(reason) {
			return backoff(refusedBackoff, failures, maxRefusedBackoff)
		}
		return backoff(min(max(fast, time.Second), interval), failures, interval)
	}
	if waited < 0 {
		return interval
	}
	return min(max(waited/waitShare, fast), interval)
}

// A hundred nodes that join within a second would keep a router, and the manager, busy. So it is left alone, before it is
// asked for a node that has begun to wait since its last answer, restShare times as long as it took for that one, and
// minRest at least.
const (
	restShare = 4
	minRest   = 100 * time.Millisecond
)

// Rest is how long a router is left alone after an answer that it took some time for, whoever begins to wait for it.
func Rest(poll v1alpha1.PollSpec, took time.Duration) time.Duration {
	return min(max(restShare*took, minRest), poll.FastInterval.Duration)
}

// backoff doubles from first up to limit.
func backoff(first time.Duration, failures int, limit time.Duration) time.Duration {
	d := first
	for range failures - 1 {
		if d >= limit {
			break
		}
		d *= 2
	}
	return min(d, limit)
}

// refused is true if the same question would be refused again until a person changes something.
func refused(reason routerclient.Reason) bool {
	return reason == routerclient.ReasonAuthenticationFailed
}
