// Package controlplane runs a real Kubernetes control plane on loopback, without root and without a container: etcd,
// kube-apiserver and, where asked, kube-scheduler, kube-controller-manager and cert-manager. Two parts are stand-ins:
// package servicenet for the service network, package kubelet for the nodes.
//
// Starting takes a few seconds, so the tests of a package share one Cluster; see Main.
package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/peergate/peergate/e2e/controlplane/build"
	"github.com/peergate/peergate/e2e/controlplane/process"
	"github.com/peergate/peergate/e2e/controlplane/servicenet"
	"github.com/peergate/peergate/e2e/kubelet"
)

// startTimeout bounds the start of one component. It takes a second or two on an idle machine.
const startTimeout = 2 * time.Minute

// Options say how to run a Cluster. The zero Options are those of most tests.
type Options struct {
	// LogDir takes a log file of each component and outlives the Cluster. If empty, logs go with the Cluster; an error
	// quotes the end of the log it is about.
	LogDir string
	// Progress is told how far the build of the binaries is, if there is something to build; nil for no one.
	Progress io.Writer
	// CPUs are those that the components may run on, by number; none means those of the calling process.
	CPUs []int
}

// Cluster is a running control plane. Its methods may be called concurrently, except Stop.
type Cluster struct {
	binaries *build.Binaries
	dir      string // data, keys and, if Options has no LogDir, logs; removed by Stop
	logDir   string
	cpus     []int
	pki      *pki
	admin    *rest.Config
	client   kubernetes.Interface // as admin
	services *servicenet.Proxy

	etcdURL       string
	apiServerArgs []string

	kubelets     *kubelet.Fleet
	stopKubelets func() // returns when they have stopped

	mu        sync.Mutex
	etcd      *process.Process // also one of processes
	apiServer *process.Process // also one of processes; nil while stopped
	processes []*process.Process
}

// Start builds what is missing and starts etcd and kube-apiserver. Nodes may join from then on. Ctx bounds the start,
// not the Cluster's life; but nothing outlives the calling process, however it ends.
func Start(ctx context.Context, options Options) (*Cluster, error) {
	binaries, err := build.All(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	// Not a test's own directory, whose path can be too long for a unix socket (107 bytes).
	dir, err := os.MkdirTemp("", "peergate-")
	if err != nil {
		return nil, fmt.Errorf("starting a control plane: %w", err)
	}
	c := &Cluster{binaries: binaries, dir: dir, logDir: options.LogDir, cpus: options.CPUs}
	if c.logDir == "" {
		c.logDir = filepath.Join(dir, "logs")
	}
	if err := c.start(ctx); err != nil {
		return nil, fmt.Errorf("starting a control plane: %w", errors.Join(err, c.Stop()))
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context) error {
	var err error
	if c.pki, err = newPKI(c.dir); err != nil {
		return err
	}
	if err := c.startEtcd(ctx); err != nil {
		return err
	}
	if err := c.configureAPIServer(); err != nil {
		return err
	}
	if c.client, err = kubernetes.NewForConfig(c.admin); err != nil {
		return err
	}
	if c.services, err = servicenet.Listen(c.egressSocket(), c.serviceAt); err != nil {
		return err
	}
	if err := c.StartAPIServer(ctx); err != nil {
		return err
	}
	return c.startKubelets()
}

// Stop ends everything that was started and removes its data. The error tells of components that had ended by
// themselves before.
func (c *Cluster) Stop() error {
	if c.stopKubelets != nil {
		c.stopKubelets()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, p := range slices.Backward(c.processes) {
		errs = append(errs, p.Err())
		p.Kill() // what it would still have to write is deleted next
	}
	c.processes, c.apiServer = nil, nil
	if c.services != nil {
		errs = append(errs, c.services.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(c.dir))...)
}

// Binaries are the programs that the Cluster runs, and kubectl.
func (c *Cluster) Binaries() build.Binaries { return *c.binaries }

// run starts a component, and waits until it is ready if ready is not nil.
func (c *Cluster) run(ctx context.Context, name, path string, ready func(context.Context) error, args ...string) (*process.Process, error) {
	p, err := process.Start(process.Spec{
		Name: name, Path: path, Args: args, LogFile: filepath.Join(c.logDir, name+".log"), CPUs: c.cpus,
	})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.processes = append(c.processes, p)
	c.mu.Unlock()
	if ready == nil {
		return p, nil
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return p, p.WaitReady(ctx, ready)
}
