package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/e2e/controlplane"
	"github.com/peergate/peergate/e2e/controlplane/freeport"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

// rig is a cluster with one replica of the manager and one router.
type rig struct {
	cpus     cpus
	cluster  *controlplane.Cluster
	peergate *install.Peergate
	edge     *edge
	// bmp is where the leader listens for routers that tell by themselves.
	bmp string
	// nodes speaks protobuf and reads nothing of what it is answered, so that it costs as little as a client can. So does
	// manager, with the manager's own account: an administrator's requests are neither looked up in RBAC nor queued.
	nodes, manager *kubernetes.Clientset
	// objects is for what is not measured.
	objects client.Client
	logs    string
	// keepLogs is true if somebody asked for them.
	keepLogs bool
}

// startRig starts a control plane without scheduler and controllers: the machine is for what is measured. Peergate runs
// on other CPUs than the control plane, as a pod does that is not on one of its machines.
func startRig(ctx context.Context, logs string, progress io.Writer) (_ *rig, err error) {
	b := &rig{logs: logs, keepLogs: logs != ""}
	if !b.keepLogs {
		if b.logs, err = os.MkdirTemp("", "peergate-bench-"); err != nil {
			return nil, err
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.stop())
		}
	}()
	if b.cpus, err = shareCPUs(); err != nil {
		return nil, err
	}
	if b.cluster, err = controlplane.Start(ctx, controlplane.Options{LogDir: b.logs, Progress: progress, CPUs: b.cpus.ControlPlane}); err != nil {
		return nil, err
	}
	if err := b.connect(); err != nil {
		return nil, err
	}
	if err := b.cluster.StartCertManager(ctx); err != nil {
		return nil, err
	}
	if err := b.install(ctx, progress); err != nil {
		return nil, err
	}
	if b.edge, err = startEdge(); err != nil {
		return nil, err
	}
	return b, b.declare(ctx)
}

func (b *rig) install(ctx context.Context, progress io.Writer) error {
	station, err := freeport.Loopback()
	if err != nil {
		return err
	}
	b.bmp = station.String()
	b.peergate, err = install.Install(ctx, b.cluster, install.Options{
		Replicas: 1, LogDir: b.logs, Progress: progress, Args: []string{"--bmp-bind-address=" + b.bmp},
	})
	if err != nil {
		return err
	}
	account, err := b.cluster.ServiceAccount(ctx, install.Namespace, install.ServiceAccount)
	if err != nil {
		return err
	}
	b.manager, err = frugal(account)
	return err
}

func (b *rig) connect() (err error) {
	if b.objects, err = client.New(b.cluster.Config(), client.Options{Scheme: story.Scheme()}); err != nil {
		return err
	}
	b.nodes, err = frugal(b.cluster.Config())
	return err
}

func frugal(config *rest.Config) (*kubernetes.Clientset, error) {
	config.UserAgent = "peergate-bench"
	config.ContentType, config.AcceptContentTypes = runtime.ContentTypeProtobuf, runtime.ContentTypeProtobuf
	return kubernetes.NewForConfig(config)
}

// stop ends everything that was started.
func (b *rig) stop() error {
	var errs []error
	if b.edge != nil {
		b.edge.Close()
	}
	if b.peergate != nil {
		errs = append(errs, b.peergate.Stop())
	}
	if b.cluster != nil {
		errs = append(errs, b.cluster.Stop())
	}
	if !b.keepLogs {
		errs = append(errs, os.RemoveAll(b.logs))
	}
	return errors.Join(errs...)
}

// leader is the one replica there is.
func (b *rig) leader() (*install.Replica, error) {
	replicas := b.peergate.Replicas()
	if len(replicas) != 1 {
		return nil, fmt.Errorf("%d replicas run, not one", len(replicas))
	}
	return replicas[0], replicas[0].Err()
}

// patience bounds every wait for something that must come true.
const patience = 3 * time.Minute
