package soak_test

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/internal/nodeaddress"
)

// addressIndex is the name under which nodelifecycle finds nodes by their addresses.
const addressIndex = "peergate.dev/address"

// cached lists Nodes as the manager's cache does, from memory and by index: the fake client decodes all of them anew each
// time, which would take most of the day.
type cached struct {
	client.Client
	// written is called with each object that a controller patches, as its watch would bring it.
	written func(client.Object)
	// nodes and byAddress are nil once a Node has changed.
	nodes     []corev1.Node
	byAddress map[string][]corev1.Node
}

func (c *cached) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	nodes, ok := list.(*corev1.NodeList)
	if !ok {
		return c.Client.List(ctx, list, options...)
	}
	if c.byAddress == nil {
		if err := c.fill(ctx); err != nil {
			return err
		}
	}
	var o client.ListOptions
	o.ApplyOptions(options)
	nodes.Items = slices.Clone(c.nodes)
	if o.FieldSelector != nil {
		address, _ := o.FieldSelector.RequiresExactMatch(addressIndex)
		nodes.Items = slices.Clone(c.byAddress[address])
	}
	return nil
}

func (c *cached) fill(ctx context.Context) error {
	var all corev1.NodeList
	if err := c.Client.List(ctx, &all); err != nil {
		return err
	}
	c.nodes, c.byAddress = all.Items, map[string][]corev1.Node{}
	for i := range all.Items {
		for _, a := range nodeaddress.Of(&all.Items[i]) {
			c.byAddress[a.String()] = append(c.byAddress[a.String()], all.Items[i])
		}
	}
	return nil
}

func (c *cached) drop(o client.Object) {
	if _, ok := o.(*corev1.Node); ok {
		c.nodes, c.byAddress = nil, nil
	}
}

func (c *cached) Create(ctx context.Context, o client.Object, options ...client.CreateOption) error {
	defer c.drop(o)
	return c.Client.Create(ctx, o, options...)
}

func (c *cached) Delete(ctx context.Context, o client.Object, options ...client.DeleteOption) error {
	defer c.drop(o)
	return c.Client.Delete(ctx, o, options...)
}

func (c *cached) Patch(ctx context.Context, o client.Object, patch client.Patch, options ...client.PatchOption) error {
	defer c.written(o)
	defer c.drop(o)
	return c.Client.Patch(ctx, o, patch, options...)
}

func (c *cached) Status() client.SubResourceWriter {
	return cachedStatus{c.Client.Status(), c}
}

type cachedStatus struct {
	client.SubResourceWriter
	cache *cached
}

func (s cachedStatus) Patch(ctx context.Context, o client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
	defer s.cache.written(o)
	defer s.cache.drop(o)
	return s.SubResourceWriter.Patch(ctx, o, patch, options...)
}
