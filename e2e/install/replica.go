package install

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/peergate/peergate/e2e/controlplane/freeport"
	"github.com/peergate/peergate/e2e/controlplane/process"
)

// readyTimeout is for a replica to become ready. It takes a second or two on an idle machine.
const readyTimeout = time.Minute

// Replica is one process of the manager.
type Replica struct {
	*process.Process
	// Webhook is where its webhooks listen; Probes and Metrics likewise.
	Webhook, Probes, Metrics string
	// APIServer is the URL at which it reaches the API server.
	APIServer string

	installation *Peergate
	kubeconfig   string
	args         []string
}

// StartReplica starts one more replica, and returns when it is ready and the webhook Service leads to it.
func (p *Peergate) StartReplica(ctx context.Context) (*Replica, error) {
	r, err := p.LaunchReplica(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return r, r.WaitReady(ctx, r.Ready)
}

// LaunchReplica starts one more replica, with args added to its command line, and does not wait until it is ready.
func (p *Peergate) LaunchReplica(ctx context.Context, args ...string) (*Replica, error) {
	config, err := p.cluster.ServiceAccount(ctx, Namespace, ServiceAccount)
	if err != nil {
		return nil, err
	}
	if p.options.Via != nil {
		p.options.Via(config)
	}
	r := &Replica{installation: p, APIServer: config.Host, args: args}
	if r.kubeconfig, err = p.cluster.Kubeconfig(config); err != nil {
		return nil, err
	}
	for _, address := range []*string{&r.Webhook, &r.Probes, &r.Metrics} {
		free, err := freeport.Loopback()
		if err != nil {
			return nil, err
		}
		*address = free.String()
	}
	if err := r.start(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.replicas = append(p.replicas, r)
	p.mu.Unlock()
	p.RouteWebhooks()
	return r, nil
}

func (r *Replica) start() error {
	p := r.installation
	host, port, err := net.SplitHostPort(r.Webhook)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.started++
	name := "manager-" + strconv.Itoa(p.started)
	p.mu.Unlock()
	r.Process, err = process.Start(process.Spec{
		Name: name, Path: p.manager, LogFile: filepath.Join(p.options.LogDir, name+".log"),
		Env: append([]string{"KUBECONFIG=" + r.kubeconfig, "POD_NAMESPACE=" + Namespace}, p.env...),
		Args: slices.Concat([]string{
			"--leader-elect",
			"--webhook-bind-address=" + host, "--webhook-port=" + port,
			"--webhook-cert-dir=" + p.certDir,
			"--health-probe-bind-address=" + r.Probes,
			"--metrics-bind-address=" + r.Metrics,
		}, p.options.Args, r.args),
	})
	return err
}

// Ready asks what a kubelet asks; the error quotes the answer of a replica that is not ready.
func (r *Replica) Ready(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.Probes+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(response.Body) // a part of it says as much as can be said
		return fmt.Errorf("readyz: %s: %s", response.Status, answer)
	}
	return nil
}

// Stop ends the replica as a kubelet ends a pod.
func (r *Replica) Stop() error {
	r.leave()
	return r.Process.Stop()
}

// Kill ends the replica as a power cut does.
func (r *Replica) Kill() {
	r.leave()
	r.Process.Kill()
}

func (r *Replica) leave() {
	p := r.installation
	p.mu.Lock()
	p.replicas = slices.DeleteFunc(slices.Clone(p.replicas), func(other *Replica) bool { return other == r })
	p.mu.Unlock()
	p.RouteWebhooks()
}

// RouteWebhooks leads the webhook Service to the replicas there are.
func (p *Peergate) RouteWebhooks() {
	p.mu.Lock()
	defer p.mu.Unlock()
	var backends []string
	for _, r := range p.replicas {
		backends = append(backends, r.Webhook)
	}
	p.cluster.Route(Namespace, WebhookService, backends...)
}
