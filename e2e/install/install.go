// Package install installs Peergate into a control plane as a user would: the shipped manifests, certificates from
// cert-manager, and replicas of the manager under their own service account. The replicas are processes, where a
// kubelet would run pods.
package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/peergate/peergate/e2e/controlplane"
	"github.com/peergate/peergate/e2e/controlplane/build"
)

// What the shipped manifests call things.
const (
	Namespace      = "peergate-system"
	Deployment     = "peergate-manager"
	ServiceAccount = "peergate-manager"
	WebhookService = "peergate-webhook"
	WebhookSecret  = "peergate-webhook-cert"
)

// issueTimeout is for cert-manager to issue a certificate, three deep, and to inject its CA.
const issueTimeout = time.Minute

// Options say how to install.
type Options struct {
	// Replicas of the manager; 0 stands for the two of the shipped Deployment.
	Replicas int
	// Overlay is a directory below config/; "" stands for default.
	Overlay string
	// LogDir takes a log file of each replica, and must exist.
	LogDir string
	// Args are added to the replicas' command line.
	Args []string
	// Progress is told how far the build of the manager is; nil for no one.
	Progress io.Writer
	// Via, if not nil, changes how the replicas reach the API server.
	Via func(*rest.Config)
}

// Peergate is an installation. Its methods may be called concurrently.
type Peergate struct {
	cluster *controlplane.Cluster
	client  kubernetes.Interface
	options Options
	manager string
	certDir string
	// env is what the shipped Deployment sets in the manager's environment to values of its own.
	env []string

	mu       sync.Mutex
	started  int
	replicas []*Replica
}

// Install applies the manifests to a cluster in which cert-manager runs, and starts the replicas. It returns when all
// of them are ready.
func Install(ctx context.Context, cluster *controlplane.Cluster, o Options) (*Peergate, error) {
	p, err := prepare(ctx, cluster, o)
	if err != nil {
		return nil, fmt.Errorf("installing: %w", err)
	}
	for range p.options.Replicas {
		if _, err := p.StartReplica(ctx); err != nil {
			return nil, fmt.Errorf("installing: %w", errors.Join(err, p.Stop()))
		}
	}
	return p, nil
}

func prepare(ctx context.Context, cluster *controlplane.Cluster, o Options) (*Peergate, error) {
	if o.Replicas == 0 {
		o.Replicas = 2
	}
	if o.Overlay == "" {
		o.Overlay = "default"
	}
	p := &Peergate{cluster: cluster, options: o}
	var err error
	if p.client, err = kubernetes.NewForConfig(cluster.Config()); err != nil {
		return nil, err
	}
	if p.manager, err = build.Manager(ctx, o.Progress); err != nil {
		return nil, err
	}
	manifests, err := build.Config(o.Overlay)
	if err != nil {
		return nil, err
	}
	if err := cluster.Apply(ctx, manifests); err != nil {
		return nil, err
	}
	if p.env, err = p.shippedEnv(ctx); err != nil {
		return nil, err
	}
	p.certDir = filepath.Join(o.LogDir, "webhook-cert")
	if err := p.MountCertificate(ctx); err != nil {
		return nil, err
	}
	return p, p.caInjected(ctx)
}

func (p *Peergate) shippedEnv(ctx context.Context) (env []string, err error) {
	deployment, err := p.client.AppsV1().Deployments(Namespace).Get(ctx, Deployment, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	for _, variable := range deployment.Spec.Template.Spec.Containers[0].Env {
		if variable.ValueFrom == nil {
			env = append(env, variable.Name+"="+variable.Value)
		}
	}
	return env, nil
}

// MountCertificate does what a kubelet does with the Secret's volume, for all replicas, once the Secret exists and again
// when it has changed.
func (p *Peergate) MountCertificate(ctx context.Context) error {
	var secret *corev1.Secret
	err := poll(ctx, issueTimeout, func(ctx context.Context) (err error) {
		secret, err = p.client.CoreV1().Secrets(Namespace).Get(ctx, WebhookSecret, metav1.GetOptions{})
		if err == nil && len(secret.Data[corev1.TLSCertKey]) == 0 {
			err = fmt.Errorf("no %[2]s in Secret %[1]s yet", WebhookSecret, corev1.TLSCertKey)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("waiting for cert-manager to issue: %w", err)
	}
	if err := mount(p.certDir, secret.Data); err != nil {
		return fmt.Errorf("mounting the certificate: %w", err)
	}
	return nil
}

func (p *Peergate) caInjected(ctx context.Context) error {
	return poll(ctx, issueTimeout, func(ctx context.Context) error {
		mutating, err := p.client.AdmissionregistrationV1().MutatingWebhookConfigurations().Get(ctx, "peergate", metav1.GetOptions{})
		if err != nil {
			return err
		}
		validating, err := p.client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Get(ctx, "peergate", metav1.GetOptions{})
		if err != nil {
			return err
		}
		for _, w := range mutating.Webhooks {
			if len(w.ClientConfig.CABundle) == 0 {
				return fmt.Errorf("webhook %s has no CA yet", w.Name)
			}
		}
		for _, w := range validating.Webhooks {
			if len(w.ClientConfig.CABundle) == 0 {
				return fmt.Errorf("webhook %s has no CA yet", w.Name)
			}
		}
		return nil
	})
}

// Stop ends all replicas. The error tells of those that had ended by themselves.
func (p *Peergate) Stop() error {
	var errs []error
	for _, r := range p.Replicas() {
		errs = append(errs, r.Stop())
	}
	return errors.Join(errs...)
}

// Replicas are those that were started and neither stopped nor killed.
func (p *Peergate) Replicas() []*Replica {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.replicas)
}

// poll repeats attempt until it succeeds, and returns its last error if it does not in time.
func poll(ctx context.Context, timeout time.Duration, attempt func(context.Context) error) error {
	last := errors.New("not tried")
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, timeout, true, func(ctx context.Context) (bool, error) {
		last = attempt(ctx)
		return last == nil, nil
	})
	if err != nil {
		return errors.Join(err, last)
	}
	return nil
}
