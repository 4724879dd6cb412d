package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/bmpstation"
)

// What a release by push may take longer than a bare patch of the same Node.
const (
	pushOverheadP50 = 10 * time.Millisecond
	pushOverheadP99 = 50 * time.Millisecond
)

// between is the time between two nodes whose sessions come up: enough for each to be alone with its release.
const between = 50 * time.Millisecond

// bareAnnotation is what the bare patch of a Node writes.
const bareAnnotation = "bench.peergate.dev/patched"

// measurePush has the router tell by itself, over BMP, that the session of one node after the other has come up, and
// patches each Node just before that.
func measurePush(ctx context.Context, p plan, b *rig, r *report) error {
	b.edge.set(false, addresses(p.releases)...)
	if err := b.setBMP(ctx, &v1alpha1.BMPSpec{SourceAddresses: []string{"127.0.0.1"}}); err != nil {
		return err
	}
	if err := b.hold(ctx, p.releases); err != nil {
		return err
	}
	// What a router tells of a node that is younger than this might be about an earlier machine of its address.
	if err := pause(ctx, bmpstation.MaxDelay+time.Second); err != nil {
		return err
	}
	stream, err := b.stream(ctx)
	if err != nil {
		return err
	}
	defer stream.Close()
	g, err := b.pushed(ctx, p.releases, stream)
	if err != nil {
		return err
	}
	r.Gates = append(r.Gates, g)
	b.edge.clear()
	if err := b.setBMP(ctx, nil); err != nil {
		return err
	}
	return b.removeNodes(ctx)
}

// hold has nodes join that the router has no session with, and waits until their conditions say so.
func (b *rig) hold(ctx context.Context, nodes int) error {
	held, err := b.await(ctx, nodes, func(n *corev1.Node) bool { return tainted(n) && says(n, corev1.ConditionFalse) })
	if err != nil {
		return err
	}
	defer held.stop()
	if err := b.join(ctx, "held", nodes); err != nil {
		return err
	}
	_, err = held.wait(ctx)
	return err
}

func (b *rig) pushed(ctx context.Context, nodes int, stream net.Conn) (gate, error) {
	patched, err := b.await(ctx, nodes, func(n *corev1.Node) bool { return n.Annotations[bareAnnotation] != "" })
	if err != nil {
		return gate{}, err
	}
	defer patched.stop()
	released, err := b.await(ctx, nodes, func(n *corev1.Node) bool { return !tainted(n) })
	if err != nil {
		return gate{}, err
	}
	defer released.stop()
	beganPatch, beganUp := make([]time.Time, nodes), make([]time.Time, nodes)
	for i := range nodes {
		beganPatch[i] = time.Now()
		if err := patch(ctx, b.manager, name(i), types.MergePatchType, "", annotate(bareAnnotation)); err != nil {
			return gate{}, err
		}
		if err := pause(ctx, between); err != nil {
			return gate{}, err
		}
		beganUp[i] = b.edge.set(true, address(i))
		if _, err := stream.Write(peerUp(address(i))); err != nil {
			return gate{}, fmt.Errorf("telling of node %d: %w", i, err)
		}
		if err := pause(ctx, between); err != nil {
			return gate{}, err
		}
	}
	bare, err := patched.latencies(ctx, beganPatch)
	if err != nil {
		return gate{}, err
	}
	latency, err := released.latencies(ctx, beganUp)
	return gate{
		Source: "push by BMP", Latency: latency, Bare: &bare,
		BoundP50: bare.P50 + milliseconds(pushOverheadP50), BoundP99: bare.P99 + milliseconds(pushOverheadP99),
	}, err
}

// latencies is how long each node of the set "held" took to cross the line, since its own time.
func (f *finish) latencies(ctx context.Context, since []time.Time) (spread, error) {
	if _, err := f.wait(ctx); err != nil {
		return spread{}, err
	}
	took := make([]time.Duration, len(since))
	for i := range since {
		took[i] = f.at(name(i)).Sub(since[i])
	}
	return spreadOf(took), nil
}

func annotate(key string) map[string]any {
	return map[string]any{"metadata": map[string]any{"annotations": map[string]string{key: "yes"}}}
}

// setBMP lets the router tell of its sessions by itself, or no more, and waits until it was asked again.
func (b *rig) setBMP(ctx context.Context, spec *v1alpha1.BMPSpec) error {
	var router v1alpha1.BGPRouter
	if err := b.objects.Get(ctx, client.ObjectKey{Name: routerName}, &router); err != nil {
		return err
	}
	polls, before := b.edge.polls(), router.DeepCopy()
	router.Spec.BMP = spec
	if err := b.objects.Patch(ctx, &router, client.MergeFrom(before)); err != nil {
		return err
	}
	return b.eventually(ctx, "the router is asked again", func(context.Context) (bool, error) { return b.edge.polls() > polls, nil })
}

// stream connects to the leader as the router does, until the router counts as connected: the leader takes nobody in
// before it has heard that it may.
func (b *rig) stream(ctx context.Context) (conn net.Conn, err error) {
	err = b.eventually(ctx, "the router's stream is taken in", func(ctx context.Context) (bool, error) {
		if conn == nil || isClosed(conn) {
			conn = b.dial(ctx)
		}
		var router v1alpha1.BGPRouter
		err := b.objects.Get(ctx, client.ObjectKey{Name: routerName}, &router)
		return conn != nil && meta.IsStatusConditionTrue(router.Status.Conditions, v1alpha1.ConditionBMPConnected), err
	})
	return conn, err
}

// dial returns nil if nobody listens yet.
func (b *rig) dial(ctx context.Context) net.Conn {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", b.bmp)
	if err != nil {
		return nil
	}
	// Whoever is not let in finds out when it reads.
	_, _ = conn.Write(initiation())
	return conn
}

// isClosed is true if the other side has closed the connection, on which it never says anything.
func isClosed(conn net.Conn) bool {
	if err := conn.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		return true
	}
	_, err := conn.Read(make([]byte, 1))
	return !errors.Is(err, os.ErrDeadlineExceeded)
}
