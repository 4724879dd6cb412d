package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/bgp"
	"github.com/peergate/peergate/e2e/controlplane"
	"github.com/peergate/peergate/e2e/controlplane/build"
)

// pollInterval is how often a state that a step waits for is looked at.
const pollInterval = 50 * time.Millisecond

// stage is all that runs.
type stage struct {
	screen   *screen
	dir      string // is removed by takeDown
	logDir   string
	binaries *build.Binaries
	cluster  *controlplane.Cluster
	client   client.Client // as admin
	kubectl  *kubectl      // as admin
	edge     *edge
	speakers map[string]*bgp.Node // by node

	takeDowns []func() error
}

// prepare builds, which takes minutes when it is done for the first time and is no part of the story.
func (st *stage) prepare(ctx context.Context) error {
	st.screen.say("Building etcd, Kubernetes, cert-manager and Peergate, if they are not there yet: minutes at first, then seconds.")
	var err error
	if st.binaries, err = build.All(ctx, st.screen.out); err != nil {
		return err
	}
	if _, err := build.Manager(ctx, st.screen.out); err != nil {
		return err
	}
	st.screen.restart()
	if st.dir, err = os.MkdirTemp("", "peergate-demo-"); err != nil {
		return err
	}
	st.onTakeDown(func() error { return os.RemoveAll(st.dir) })
	if st.logDir == "" {
		st.logDir = st.dir
	}
	return os.MkdirAll(st.logDir, 0o755)
}

func (st *stage) onTakeDown(f func() error) { st.takeDowns = append(st.takeDowns, f) }

// takeDown stops everything in the opposite order. The error tells of what had ended by itself.
func (st *stage) takeDown() error {
	var errs []error
	for _, f := range slices.Backward(st.takeDowns) {
		errs = append(errs, f())
	}
	st.takeDowns = nil
	return errors.Join(errs...)
}

// connect makes what the demo itself, as admin, reaches the API server with.
func (st *stage) connect() error {
	scheme := runtime.NewScheme()
	err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme))
	if err != nil {
		return err
	}
	if st.client, err = client.New(st.cluster.Config(), client.Options{Scheme: scheme}); err != nil {
		return err
	}
	kubeconfig, err := st.cluster.Kubeconfig(st.cluster.Config())
	if err != nil {
		return err
	}
	st.kubectl, err = newKubectl(st.binaries.Kubectl, kubeconfig, st.dir)
	return err
}

// await repeats check until it returns nil. If ctx ends first, the error says what check said last.
func await(ctx context.Context, what string, check func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		if err := check(ctx); ctx.Err() == nil || last == nil {
			last = err
		}
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for %s: %w: %w", what, context.Cause(ctx), last)
	}
	return nil
}
