package main

import (
	"context"
	"fmt"
	"time"

	"github.com/peergate/peergate/routerclient/frr"
	"github.com/peergate/peergate/routerclient/sshexec"
)

// timedPolls is how many polls pollTime is the median of.
const timedPolls = 21

// pollTime is how long a poll of the router takes as it is, by a client that is connected already: the command's own time.
func (b *rig) pollTime(ctx context.Context) (time.Duration, error) {
	runner, err := sshexec.New(sshexec.Config{
		Address: b.edge.Addr(), Username: "peergate", Password: "peergate", KnownHosts: b.edge.KnownHosts(),
	})
	if err != nil {
		return 0, fmt.Errorf("connecting to the router: %w", err)
	}
	router := frr.New(runner, frr.Options{})
	defer router.Close()
	var took []time.Duration
	for range timedPolls + 1 {
		began := time.Now()
		if _, err := router.Snapshot(ctx); err != nil {
			return 0, fmt.Errorf("asking the router: %w", err)
		}
		took = append(took, time.Since(began))
	}
	return time.Duration(spreadOf(took[1:]).P50 * float64(time.Millisecond)), nil
}
