package chaos_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/routerclient/routertest"
)

// chaos does one thing after the other, drawn by rng, and undoes each after a while.
type chaos struct {
	*story.Story
	rng      *rand.Rand
	edges    []*edge
	machines []*machine
	network  *network

	repairs []repair
	// starting ends with the start of the API server; nil while it runs.
	starting chan error
	counts   map[string]int
}

// repair undoes something when its time has come.
type repair struct {
	at   time.Time
	what func()
}

// act is a kind of thing that chaos does.
type act struct {
	name string
	// weight is how often it is drawn, against the others.
	weight int
	do     func(*chaos)
}

var acts = []act{
	{"session drops", 30, (*chaos).dropSession},
	{"node loses all sessions", 12, (*chaos).dropNode},
	{"rack loses sessions", 4, (*chaos).dropMany},
	{"router forgets all sessions", 2, (*chaos).reboot},
	{"router misbehaves", 8, (*chaos).misbehave},
	{"router closes connections", 6, (*chaos).closeConnections},
	{"router is away", 4, (*chaos).stopRouter},
	{"node leaves", 8, (*chaos).leave},
	{"node joins", 10, (*chaos).join},
	{"node is created anew", 8, (*chaos).recreate},
	{"node is exempt", 3, (*chaos).exempt},
	{"replica is killed", 2, (*chaos).killReplica},
	{"all replicas are killed", 1, (*chaos).killReplicas},
	{"replica is cut off", 3, (*chaos).cutOff},
	{"API server is away", 1, (*chaos).stopAPIServer},
}

// run does things for a time, and then undoes what is left of them.
func (c *chaos) run(length time.Duration) {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(length); time.Now().Before(end); {
		select {
		case <-c.Context().Done():
			return
		case now := <-ticker.C:
			c.repair(now)
			a := c.draw()
			c.counts[a.name]++
			a.do(c)
		}
	}
	c.repair(time.Now().Add(time.Hour))
	if err := c.awaitAPIServer(); err != nil {
		c.Fatal(err)
	}
}

func (c *chaos) draw() act {
	total := 0
	for _, a := range acts {
		total += a.weight
	}
	n := c.rng.IntN(total)
	for _, a := range acts {
		if n -= a.weight; n < 0 {
			return a
		}
	}
	panic("unreachable: the weights add up to total")
}

// later has something undone after a time between the two.
func (c *chaos) later(from, to time.Duration, what func()) {
	after := from + time.Duration(c.rng.Int64N(int64(to-from)))
	c.repairs = append(c.repairs, repair{at: time.Now().Add(after), what: what})
}

// repair undoes what is due, in the order in which it was done.
func (c *chaos) repair(now time.Time) {
	due := slices.Clone(c.repairs)
	c.repairs = slices.DeleteFunc(c.repairs, func(r repair) bool { return !r.at.After(now) })
	for _, r := range due {
		if !r.at.After(now) {
			r.what()
		}
	}
}

func (c *chaos) anyEdge() *edge       { return c.edges[c.rng.IntN(len(c.edges))] }
func (c *chaos) anyMachine() *machine { return c.machines[c.rng.IntN(len(c.machines))] }

func (c *chaos) dropSession() {
	e, m := c.anyEdge(), c.anyMachine()
	e.set(m.address, false)
	c.later(500*time.Millisecond, 20*time.Second, func() { e.set(m.address, true) })
}

func (c *chaos) dropNode() {
	m := c.anyMachine()
	m.sessions(c.edges, false)
	c.later(time.Second, 30*time.Second, func() { m.sessions(c.edges, true) })
}

func (c *chaos) dropMany() {
	e, share := c.anyEdge(), c.rng.IntN(4)+2
	for i, m := range c.machines {
		if i%share == 0 {
			e.set(m.address, false)
			c.later(2*time.Second, 25*time.Second, func() { e.set(m.address, true) })
		}
	}
}

func (c *chaos) reboot() {
	e := c.anyEdge()
	for _, m := range c.machines {
		if e.up(m.address) {
			e.set(m.address, false)
			c.later(5*time.Second, 15*time.Second, func() { e.set(m.address, true) })
		}
	}
	e.CloseConnections()
}

func (c *chaos) misbehave() {
	e := c.anyEdge()
	faults := []routertest.Handler{
		routertest.Stall(""), routertest.Stall(`{"default":`), routertest.Flood(1 << 16), routertest.Flood(-1),
		routertest.Trickle(50 * time.Millisecond), e.cutShort, e.miscount, routertest.FRRUnavailable,
	}
	e.misbehave(faults[c.rng.IntN(len(faults))])
	c.later(time.Second, 12*time.Second, func() { e.misbehave(nil) })
}

func (c *chaos) closeConnections() { c.anyEdge().CloseConnections() }

func (c *chaos) stopRouter() {
	e := c.anyEdge()
	e.Close()
	c.later(time.Second, 10*time.Second, func() { e.Restart(c) })
}

// leave has a node leave; its sessions live on for a while, as until a hold timer ends.
func (c *chaos) leave() {
	m := c.anyMachine()
	if m.leave(c.Context(), c.Story) == nil {
		c.later(time.Second, 10*time.Second, func() { m.sessions(c.edges, false) })
	}
}

func (c *chaos) join() {
	for _, m := range c.machines {
		if !m.joined {
			if m.join(c.Context(), c.Story) == nil {
				c.later(time.Second, 10*time.Second, func() { m.sessions(c.edges, true) })
			}
			return
		}
	}
}

// recreate replaces a Node by another of the same name and address, while its sessions are up.
func (c *chaos) recreate() {
	m := c.anyMachine()
	if m.leave(c.Context(), c.Story) != nil {
		return
	}
	if m.join(c.Context(), c.Story) == nil && c.rng.IntN(2) == 0 {
		m.sessions(c.edges, false)
		c.later(time.Second, 10*time.Second, func() { m.sessions(c.edges, true) })
	}
}

func (c *chaos) exempt() {
	m := c.anyMachine()
	if m.exempt(c.Context(), c.Story, "drill") == nil {
		c.later(time.Second, 10*time.Second, func() { _ = m.exempt(c.Context(), c.Story, nil) })
	}
}

// exemption is a merge patch of the annotation; nil removes it.
func exemption(why any) []byte {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]any{
		v1alpha1.AnnotationExempt: why, marker: time.Now().Format(time.RFC3339Nano),
	}}})
	if err != nil {
		panic(err) // maps and strings
	}
	return patch
}

func (c *chaos) killReplica() {
	if replicas := c.Peergate.Replicas(); len(replicas) > 0 {
		replicas[c.rng.IntN(len(replicas))].Kill()
	}
}

func (c *chaos) killReplicas() {
	for _, r := range c.Peergate.Replicas() {
		r.Kill()
	}
}

func (c *chaos) cutOff() {
	replicas := c.Peergate.Replicas()
	if len(replicas) == 0 {
		return
	}
	if cable := c.network.of(replicas[c.rng.IntN(len(replicas))].APIServer); cable != nil {
		cable.cut()
		c.later(time.Second, 15*time.Second, cable.mend)
	}
}

func (c *chaos) stopAPIServer() {
	if c.starting != nil {
		select {
		case err := <-c.starting:
			if err != nil {
				c.Fatal(err)
			}
			c.starting = nil
		default:
			return
		}
	}
	if err := c.StopAPIServer(); err != nil {
		c.Fatal(err)
	}
	starting := make(chan error, 1)
	c.starting = starting
	c.later(time.Second, 8*time.Second, func() { go func() { starting <- c.StartAPIServer(context.Background()) }() })
}

// awaitAPIServer waits for a start that is under way.
func (c *chaos) awaitAPIServer() error {
	if c.starting == nil {
		return nil
	}
	select {
	case err := <-c.starting:
		c.starting = nil
		return err
	case <-c.Context().Done():
		return c.Context().Err()
	}
}
