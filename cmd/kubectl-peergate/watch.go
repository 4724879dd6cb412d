package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/access"
	"github.com/peergate/peergate/internal/nodelifecycle"
	"github.com/peergate/peergate/internal/report"
	"github.com/peergate/peergate/internal/terminal"
)

const (
	// settle is how long objects may change before they are shown: nodes that join together are one change.
	settle = 200 * time.Millisecond
	// refresh is how often a live view is drawn anew for its ages alone, and the leader's lease is read.
	refresh = 2 * time.Second
)

// watchedKinds are followed. What else a page needs is read when it is made.
var watchedKinds = map[schema.GroupResource]client.Object{
	{Group: corev1.GroupName, Resource: "nodes"}:                      &corev1.Node{},
	{Group: v1alpha1.GroupVersion.Group, Resource: "bgprouters"}:      &v1alpha1.BGPRouter{},
	{Group: v1alpha1.GroupVersion.Group, Resource: "peeringpolicies"}: &v1alpha1.PeeringPolicy{},
}

// follow shows the page whenever it changes, until the context ends.
func (p *pager) follow(cmd *cobra.Command, cl client.Client) error {
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	if err := mayWatch(ctx, cl); err != nil {
		return err
	}
	// A cache waits for what is not there, where a question to the API server is answered in words.
	if _, err := p.gather(ctx, cl, p.clock.now); err != nil {
		return err
	}
	reader, changed, err := p.watched(ctx)
	if err != nil {
		return err
	}
	screen := p.screen(cmd.OutOrStdout())
	for {
		shown, err := p.gather(ctx, reader, p.clock.now)
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			err = p.show(cmd, screen, shown, p.clock.now())
		}
		if err != nil {
			return err
		}
		if !wait(ctx, changed) {
			return nil
		}
	}
}

// screen shows the pages one after the other, in a way that who reads them from a pipe can tell apart.
func (p *pager) screen(out io.Writer) *terminal.Screen {
	screen := &terminal.Screen{Out: out, Live: terminal.IsLive(out, os.Getenv), Between: "\n"}
	if screen.Live {
		screen.Size = func() (columns, rows int) { return terminal.Size(out) }
	}
	if p.output == report.FormatYAML {
		screen.Between = "---\n"
	}
	return screen
}

// wait waits for a change that has settled, or for the next refresh: in a large cluster some object changes all the time.
// It returns false when the context ends.
func wait(ctx context.Context, changed <-chan struct{}) bool {
	due := time.After(refresh)
	var settled <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return false
		case <-changed:
			settled = time.After(settle)
		case <-settled:
			return true
		case <-due:
			return true
		}
	}
}

func mayWatch(ctx context.Context, cl client.Client) error {
	var rights []access.Right
	for resource := range watchedKinds {
		for _, verb := range []string{"list", "watch"} {
			rights = append(rights, access.Right{Verb: verb, GroupResource: resource})
		}
	}
	slices.SortFunc(rights, func(a, b access.Right) int { return strings.Compare(a.String(), b.String()) })
	return access.Require(ctx, cl, rights...)
}

// watched returns a reader that holds the watched kinds in memory, and a channel that tells of their changes. Both live
// as long as the context.
func (p *pager) watched(ctx context.Context) (client.Reader, <-chan struct{}, error) {
	config, err := p.config()
	if err != nil {
		return nil, nil, err
	}
	scheme, err := newScheme()
	if err != nil {
		return nil, nil, err
	}
	objects, err := cache.New(config, cache.Options{
		Scheme:           scheme,
		DefaultTransform: cache.TransformStripManagedFields(),
		ByObject:         map[client.Object]cache.ByObject{&corev1.Node{}: {Transform: nodelifecycle.TrimNode}},
	})
	if err != nil {
		return nil, nil, fmt.Errorf("watching: %w", err)
	}
	changed, err := changesOf(ctx, objects)
	if err != nil {
		return nil, nil, fmt.Errorf("watching: %w", err)
	}
	go func() { _ = objects.Start(ctx) }() // it ends with the context, and without an error
	if !objects.WaitForCacheSync(ctx) {
		return nil, nil, errors.New("watching: interrupted before the first answer")
	}
	reader, err := client.New(config, client.Options{Scheme: scheme, Cache: &client.CacheOptions{
		Reader: objects, DisableFor: []client.Object{&coordinationv1.Lease{}, &eventsv1.Event{}},
	}})
	return reader, changed, err
}

func changesOf(ctx context.Context, objects cache.Cache) (<-chan struct{}, error) {
	changed := make(chan struct{}, 1)
	tell := func() {
		select {
		case changed <- struct{}{}:
		default: // told already
		}
	}
	for _, kind := range watchedKinds {
		informer, err := objects.GetInformer(ctx, kind, cache.BlockUntilSynced(false))
		if err != nil {
			return nil, err
		}
		_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
			AddFunc:    func(any) { tell() },
			UpdateFunc: func(_, _ any) { tell() },
			DeleteFunc: func(any) { tell() },
		})
		if err != nil {
			return nil, err
		}
	}
	return changed, nil
}
