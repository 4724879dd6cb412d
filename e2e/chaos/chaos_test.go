// Package chaos_test breaks everything at random, and has an auditor judge every write of every Node meanwhile: parts of
// Peergate are killed and cut off, the API server goes away, routers fall silent and lie, sessions come and go, nodes
// join, leave and come back under the same name, and other controllers write the same taints.
package chaos_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

// The length of a run that is short enough for every change. "make chaos" runs a long one.
var (
	length = flag.Duration("chaos.length", time.Minute, "how long there is chaos")
	nodes  = flag.Int("chaos.nodes", 60, "how many nodes there are, at most")
	seed   = flag.Uint64("chaos.seed", 0, "what is drawn; 0 draws this too, and prints it")
)

const (
	grace       = 5 * time.Second
	staleAfter  = 5 * time.Second
	maxUnpeered = 30 // percent
	// busy is how long it may take from a decision until the auditor sees it written, on a machine that is busy and with
	// an API server that asks for patience while it goes away.
	busy = 12 * time.Second
	// recovery is for everything to be as it should once the chaos is over: the lease of a leader that was killed, the
	// longest backoff of a reconciliation that failed while the API server was away, a disruption guard's recheck.
	recovery = 3 * time.Minute
)

func TestChaos(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("seed %d, %d nodes, %s", *seed, *nodes, *length)
	network := &network{}
	t.Cleanup(network.close)
	s := story.Own(t, install.Options{Via: network.via}).New(t)
	c := &chaos{
		Story: s, rng: rand.New(rand.NewPCG(*seed, 0)), network: network, machines: newMachines(*nodes), counts: map[string]int{},
	}
	c.declare()
	a := newAuditor(c.rules())
	stopAudit := c.audit(a)
	c.begin()
	stop := c.background()
	c.run(*length)
	stop()
	c.settle()
	stopAudit()
	t.Logf("chaos: %v", c.counts)
	t.Logf("audited: %+v", a.tally)
	if a.tally.released < *nodes {
		t.Errorf("only %d releases in all: that proves little", a.tally.released)
	}
}

// declare creates the routers, one policy, and the sessions of all machines but every tenth.
func (c *chaos) declare() {
	for i := range 3 {
		e := newEdge(c.Story)
		c.edges = append(c.edges, e)
		c.Declare(e.Router, func(router *v1alpha1.BGPRouter, secret *corev1.Secret) {
			router.Name, secret.Name = fmt.Sprintf("edge-%d", i), fmt.Sprintf("edge-%d", i)
			router.Spec.CredentialsSecretRef.Name = secret.Name
			router.Spec.Poll.FastInterval.Duration = 500 * time.Millisecond
			router.Spec.Poll.Timeout.Duration, router.Spec.Poll.StaleAfter.Duration = 2*time.Second, staleAfter
			if i == 2 {
				router.Spec.NodeSelector = &metav1.LabelSelector{MatchLabels: map[string]string{rackLabel: "b"}}
			}
		})
	}
	c.Policy(func(p *v1alpha1.PeeringPolicySpec) {
		p.MinEstablished = intstr.FromString("60%")
		p.MaxUnpeered = new(intstr.FromString(fmt.Sprintf("%d%%", maxUnpeered)))
		p.LossGracePeriod = &metav1.Duration{Duration: grace}
	})
	for i, m := range c.machines {
		m.sessions(c.edges, i%10 != 0)
	}
}

func (c *chaos) rules() rules {
	r := rules{
		grace: grace, window: staleAfter + busy, maxUnpeered: maxUnpeered, needed: needed, racks: map[string][]*answers{},
	}
	for rack, routers := range racks {
		for _, i := range routers {
			r.racks[rack] = append(r.racks[rack], &c.edges[i].answers)
		}
	}
	return r
}

// audit has the auditor judge every write until stop is called.
func (c *chaos) audit(a *auditor) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		err := record(ctx, c.EtcdURL(), func(w write) {
			if err := a.see(w); err != nil {
				c.Errorf("%s: %v", w.at.Format(time.StampMilli), err)
			}
		})
		if err != nil {
			c.Error(err)
		}
	})
	stop = sync.OnceFunc(func() {
		cancel()
		group.Wait()
	})
	c.Cleanup(stop)
	return stop
}

// begin has all machines join at once.
func (c *chaos) begin() {
	c.Helper()
	var group errgroup.Group
	group.SetLimit(8)
	for _, m := range c.machines {
		group.Go(func() error { return c.joinAtLast(m) })
		c.Cleanup(func() { _ = m.leave(context.Background(), c.Story) })
	}
	if err := group.Wait(); err != nil {
		c.Fatal(err)
	}
}

// joinAtLast has a machine join, and tries again where that takes longer than the chaos to come has time for.
func (c *chaos) joinAtLast(m *machine) (err error) {
	for range 10 {
		if err = m.join(c.Context(), c.Story); err == nil {
			break
		}
	}
	return err
}

// background has competitors write, and replicas come back, until stop is called. Replicas go on coming back until the end.
func (c *chaos) background() (stop func()) {
	competing, cancel := context.WithCancel(c.Context())
	var group sync.WaitGroup
	var names []string
	for _, m := range c.machines {
		names = append(names, m.name)
	}
	for i := range 4 {
		w := &competitor{
			name: fmt.Sprintf("competitor-%d", i), client: c.Client, nodes: names, blind: i%2 == 1,
			rng: rand.New(rand.NewPCG(*seed, uint64(i+1))),
		}
		group.Go(func() {
			w.compete(competing)
			c.Logf("%s, blind: %t, wrote %d times", w.name, w.blind, w.writes)
		})
	}
	tending, end := context.WithCancel(context.Background())
	var tender sync.WaitGroup
	tender.Go(func() { tend(tending, c.Story) })
	c.Cleanup(func() {
		end()
		tender.Wait()
	})
	return func() {
		cancel()
		group.Wait()
	}
}

// settle ends with a state of which it is known what becomes of each node, and waits for it: every node has its
// sessions, but for every tenth.
func (c *chaos) settle() {
	c.Helper()
	for i, m := range c.machines {
		m.sessions(c.edges, i%10 != 3)
	}
	began := time.Now()
	var last error
	for until := began.Add(recovery); time.Now().Before(until); {
		if last = c.expectTruth(); last == nil {
			c.Logf("everything was as it should be %s after the chaos", time.Since(began).Round(100*time.Millisecond))
			return
		}
		timer := time.NewTimer(200 * time.Millisecond)
		select {
		case <-timer.C:
		case <-c.Context().Done():
			c.Fatal(c.Context().Err())
		}
	}
	c.Errorf("%s after the chaos, %v", recovery, last)
}

func (c *chaos) expectTruth() error {
	ctx, cancel := context.WithTimeout(c.Context(), requestTimeout)
	defer cancel()
	var list corev1.NodeList
	if err := c.Client.List(ctx, &list); err != nil {
		return err
	}
	byName := map[string]*corev1.Node{}
	for i := range list.Items {
		byName[list.Items[i].Name] = &list.Items[i]
	}
	for _, m := range c.machines {
		node := byName[m.name]
		if node == nil {
			continue
		}
		if err := m.wants(node, m.satisfied(c.edges)); err != nil {
			return err
		}
	}
	return nil
}
