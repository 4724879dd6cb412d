// Package soak_test runs the leader's controllers through a simulated day, against real SSH servers on loopback, and
// looks whether what they hold on to grows: memory, goroutines, file descriptors, connections, entries of any map.
package soak_test

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/routerclient/routertest"
)

var hours = flag.Int("soak.hours", 24, "how many simulated hours to run")

// stay is how many nodes never leave.
const stay = 12

// What may grow between two looks, in objects that come and go all the time.
const (
	someEntries = 2
	someHeap    = 1 << 20 // bytes
)

// settling bounds the wait for goroutines that are about to end.
const settling = 5 * time.Second

func TestSoak(t *testing.T) {
	log.SetLogger(zap.New(zap.WriteTo(io.Discard)))
	start := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	if testing.Short() {
		*hours = min(*hours, 4)
	}
	d := newDay(t, start)
	var first held
	for hour := range *hours {
		for minute := range 60 {
			d.runUntil(start.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute))
			d.minute(hour, minute)
		}
		d.runUntil(start.Add(time.Duration(hour+1) * time.Hour))
		if hour == 0 {
			first = d.hold()
		}
	}
	last := d.hold()
	// What a connection leaves behind is gone a moment after it.
	for until := time.Now().Add(settling); growth(first, last) != "" && time.Now().Before(until); {
		last = d.hold()
	}
	t.Logf("%d hours, %d polls; after the first hour: heap %d KiB, %d goroutines, %d files; at the end: %d KiB, %d, %d",
		*hours, d.polls, first.heap>>10, first.goroutines, first.files, last.heap>>10, last.goroutines, last.files)
	if g := growth(first, last); g != "" {
		t.Error(g)
	}
}

// growth says what has grown, a line each.
func growth(first, last held) string {
	var grown strings.Builder
	for _, path := range slices.Sorted(maps.Keys(last.entries)) {
		if n := last.entries[path]; n > first.entries[path]+someEntries {
			fmt.Fprintf(&grown, "%s grew from %d to %d entries\n", path, first.entries[path], n)
		}
	}
	if last.heap > first.heap+someHeap {
		fmt.Fprintf(&grown, "the heap grew from %d to %d bytes\n", first.heap, last.heap)
	}
	if last.goroutines > first.goroutines {
		fmt.Fprintf(&grown, "the goroutines grew from %d to %d\n", first.goroutines, last.goroutines)
	}
	if last.files > first.files {
		fmt.Fprintf(&grown, "the open files grew from %d to %d\n", first.files, last.files)
	}
	return grown.String()
}

// day is a cluster, its routers, and what happens in every hour of it.
type day struct {
	*cluster
	edges []*edge
	// visitor is the node that joined last of those that leave again.
	visitor *corev1.Node
	// passing is a router and a policy that are there for some minutes.
	passing []client.Object
	joined  int
}

func newDay(t *testing.T, start time.Time) *day {
	d := &day{cluster: newCluster(t, start)}
	for i := range 3 {
		e := newEdge(t, d.clock)
		d.edges = append(d.edges, e)
		d.create(secretOf(i, e))
		d.create(d.router(fmt.Sprintf("edge-%d", i), i))
	}
	d.create(policy("default"))
	for range stay {
		d.join()
	}
	return d
}

func (d *day) hold() held {
	return hold(d.lifecycle, d.poller, d.status, d.table, d.waiting, d.ledger)
}

// minute is what happens in that minute of each hour. It leaves everything as the hour before did.
func (d *day) minute(hour, minute int) {
	if minute%5 == 0 {
		d.visit()
	}
	neighbor := fmt.Sprintf("192.0.2.%d", hour%stay+1)
	e := d.edges[hour%len(d.edges)]
	switch minute {
	case 6:
		d.appear(hour)
	case 10:
		e.set(neighbor, false)
	case 20:
		e.set(neighbor, true)
	case 22:
		e.reboot(d.T)
	case 25:
		d.rotate(hour % len(d.edges))
	case 30:
		e.Answer(routertest.FRRUnavailable)
	case 33:
		e.Answer(nil)
	case 35:
		if hour%6 == 0 { // the timeout is by the clock on the wall
			e.Answer(routertest.Stall(`{"default":`))
		}
	case 36:
		e.Answer(nil)
	case 45:
		e.CloseConnections()
	case 52:
		d.disappear()
	case 55:
		for _, e := range d.edges {
			e.reboot(d.T) // its record of commands is the test's own, and grows
		}
	}
}

// visit has a node leave, and another join.
func (d *day) visit() {
	if d.visitor != nil {
		for _, e := range d.edges {
			e.remove(d.visitor.Status.Addresses[0].Address)
		}
		d.delete(d.visitor)
	}
	d.visitor = d.join()
}

// join has a node join whose sessions are up.
func (d *day) join() *corev1.Node {
	d.joined++
	address := fmt.Sprintf("192.0.2.%d", d.joined)
	if d.joined > stay {
		address = fmt.Sprintf("198.51.100.%d", d.joined%250+1)
	}
	for _, e := range d.edges {
		e.set(address, true)
	}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("node-%d", d.joined)}}
	node.Spec.Taints = []corev1.Taint{{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: address}}
	d.create(node)
	return node
}

// appear adds a router and a policy of names that there never were before, and a node that the router lacks.
func (d *day) appear(hour int) {
	d.passing = []client.Object{d.router(fmt.Sprintf("passing-%d", hour), 0), policy(fmt.Sprintf("passing-%d", hour))}
	for _, o := range d.passing {
		d.create(o)
	}
	d.edges[0].remove(d.visitor.Status.Addresses[0].Address)
}

func (d *day) disappear() {
	for _, o := range d.passing {
		d.delete(o)
	}
}

// rotate changes a Secret, so that its routers are connected to anew.
func (d *day) rotate(i int) {
	secret := secretOf(i, d.edges[i])
	secret.Data["password"] = []byte(fmt.Sprint(d.clock.Now().Unix()))
	if err := d.client.Update(d.Context(), secret); err != nil {
		d.Fatal(err)
	}
	d.enqueue("router", fmt.Sprintf("edge-%d", i))
}

func secretOf(i int, e *edge) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("edge-%d", i)},
		Data: map[string][]byte{
			"username": []byte("peergate"), "password": []byte("first"), "known_hosts": e.KnownHosts(),
		},
	}
}

// router has the defaults of the API, but for a timeout that is by the clock on the wall.
func (d *day) router(name string, i int) *v1alpha1.BGPRouter {
	return &v1alpha1.BGPRouter{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.BGPRouterSpec{
			Address: d.edges[i].Addr(), Platform: "FRR", VRF: "default",
			CredentialsSecretRef: v1alpha1.SecretReference{Name: fmt.Sprintf("edge-%d", i)},
			Poll: v1alpha1.PollSpec{
				Interval:     metav1.Duration{Duration: 30 * time.Second},
				FastInterval: metav1.Duration{Duration: time.Second},
				Timeout:      metav1.Duration{Duration: 300 * time.Millisecond},
				StaleAfter:   metav1.Duration{Duration: 90 * time.Second},
			},
		},
	}
}

func policy(name string) *v1alpha1.PeeringPolicy {
	half := intstr.FromString("50%")
	return &v1alpha1.PeeringPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.PeeringPolicySpec{
			MinEstablished: intstr.FromString("100%"), Mode: v1alpha1.ModeContinuous, MaxUnpeered: &half,
			LossGracePeriod: &metav1.Duration{Duration: 150 * time.Second}, ExistingNodes: v1alpha1.ExistingNodesReport,
		},
	}
}
