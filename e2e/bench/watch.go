package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
)

// finish is a line that nodes cross, seen on a watch.
type finish struct {
	mu sync.Mutex
	// crossed is when each node was first seen beyond the line, by name.
	crossed map[string]time.Time
	nodes   []*corev1.Node
	left    int
	done    chan struct{}
	err     error
	stop    func()
}

// await watches for so many nodes to cross a line. Nodes that are there when it begins are not looked at until they
// change. The line must be given up with stop.
func (b *rig) await(ctx context.Context, nodes int, crosses func(*corev1.Node) bool) (*finish, error) {
	list, err := b.nodes.CoreV1().Nodes().List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	f := &finish{crossed: make(map[string]time.Time, nodes), left: nodes, done: make(chan struct{}), stop: cancel}
	version := list.ResourceVersion
	go func() {
		var err error
		for err == nil {
			// The API server closes a watch that falls behind, on a machine that is busy; an informer resumes it as this does.
			version, err = f.follow(ctx, b.nodes.CoreV1().Nodes(), version, crosses)
		}
		f.end(err)
	}()
	return f, nil
}

// follow returns the version of the last node that it has seen when the watch is closed.
func (f *finish) follow(ctx context.Context, nodes typedcorev1.NodeInterface, from string, crosses func(*corev1.Node) bool) (version string, err error) {
	w, err := nodes.Watch(ctx, metav1.ListOptions{ResourceVersion: from})
	if err != nil {
		return from, err
	}
	defer w.Stop()
	for event := range w.ResultChan() {
		node, ok := event.Object.(*corev1.Node)
		if !ok {
			return from, fmt.Errorf("watching nodes: %v", event.Object)
		}
		from = node.ResourceVersion
		if event.Type != watch.Deleted && crosses(node) {
			f.cross(node, time.Now())
		}
	}
	return from, ctx.Err()
}

func (f *finish) cross(node *corev1.Node, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, before := f.crossed[node.Name]; before {
		return
	}
	f.crossed[node.Name] = at
	f.nodes = append(f.nodes, node)
	if f.left--; f.left == 0 {
		close(f.done)
	}
}

func (f *finish) end(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left > 0 {
		f.err, f.left = err, 0
		close(f.done)
	}
}

// wait returns when the last node had crossed the line.
func (f *finish) wait(ctx context.Context) (last time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-ctx.Done():
	case <-f.done:
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return last, f.err
	}
	if f.left > 0 {
		return last, fmt.Errorf("waiting for nodes: %d are missing: %w", f.left, ctx.Err())
	}
	for _, at := range f.crossed {
		if at.After(last) {
			last = at
		}
	}
	return last, nil
}

// at returns when a node crossed the line, or the zero time.
func (f *finish) at(name string) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.crossed[name]
}
