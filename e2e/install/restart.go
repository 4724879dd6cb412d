package install

import (
	"context"
	"slices"
	"sync"
	"time"
)

// The kubelet's CrashLoopBackOff: a container that ends is started again at once, and if it goes on ending, after delays
// that double from the first to the longest.
const (
	firstRestartDelay   = 10 * time.Second
	longestRestartDelay = 5 * time.Minute
)

// Supervise starts the replicas there are again when they end by themselves, as a kubelet does: controller-runtime ends
// the process of a leader that has lost its lease. It does not start again what Stop or Kill ended. The function that is
// returned ends the supervision, and not the replicas.
func (p *Peergate) Supervise() (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	for _, r := range p.Replicas() {
		group.Go(func() { r.supervise(ctx) })
	}
	return func() {
		cancel()
		group.Wait()
	}
}

func (r *Replica) supervise(ctx context.Context) {
	for delay := time.Duration(0); ; delay = min(max(2*delay, firstRestartDelay), longestRestartDelay) {
		select {
		case <-ctx.Done():
			return
		case <-r.Exited():
		}
		if r.Err() == nil {
			return
		}
		timer := time.NewTimer(delay)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		next, err := r.again()
		if err != nil {
			return // the log file or fork failed; whoever waits for the replica sees that it is not there
		}
		r = next
	}
}

// again starts a replica of the same address and identity in the place of one that has ended. It needs no API server.
func (r *Replica) again() (*Replica, error) {
	next := &Replica{
		Webhook: r.Webhook, Probes: r.Probes, Metrics: r.Metrics, APIServer: r.APIServer,
		installation: r.installation, kubeconfig: r.kubeconfig, args: r.args,
	}
	if err := next.start(); err != nil {
		return nil, err
	}
	p := r.installation
	p.mu.Lock()
	defer p.mu.Unlock()
	p.replicas = slices.Clone(p.replicas)
	if i := slices.Index(p.replicas, r); i >= 0 {
		p.replicas[i] = next
	}
	return next, nil
}
