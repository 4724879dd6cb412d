package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/bmpstation"
	"github.com/peergate/peergate/internal/connect"
	"github.com/peergate/peergate/internal/eagergc"
	"github.com/peergate/peergate/internal/eventpace"
	"github.com/peergate/peergate/internal/ledger"
	"github.com/peergate/peergate/internal/metrics"
	"github.com/peergate/peergate/internal/nodelifecycle"
	"github.com/peergate/peergate/internal/options"
	"github.com/peergate/peergate/internal/policystatus"
	"github.com/peergate/peergate/internal/routerpoll"
	"github.com/peergate/peergate/internal/scraper"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/speakerwatch"
	"github.com/peergate/peergate/internal/waitlist"
	"github.com/peergate/peergate/webhooks"
)

// startup is about how long it takes to read all Nodes of a large cluster, images included, and to decide about each: ten
// times as much memory passes through as is kept, and without more care it would be the most that a process ever takes.
const startup = 30 * time.Second

func run(ctx context.Context, o options.Options) error {
	ctrl.Log.Info("Starting", "version", version)
	eagergc.For(startup)
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("finding the API server: %w", err)
	}
	// The API server's own priority and fairness shares it out; a second limit here would only slow down a storm.
	config.QPS = -1
	// To compress every Node that a watch brings costs both sides more than to send it over a cluster's own network.
	config.DisableCompression = true
	mgr, err := newManager(config, o)
	if err != nil {
		return fmt.Errorf("making the manager: %w", err)
	}
	if err := addWebhooks(mgr, o); err != nil {
		return fmt.Errorf("adding the webhooks: %w", err)
	}
	if err := addControllers(mgr, o); err != nil {
		return fmt.Errorf("adding the controllers: %w", err)
	}
	if err := addProbes(mgr); err != nil {
		return fmt.Errorf("adding the probes: %w", err)
	}
	return mgr.Start(ctx)
}

// leaseName is the name of the lease that the leader holds.
const leaseName = "peergate-manager"

func newManager(config *rest.Config, o options.Options) (manager.Manager, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, fmt.Errorf("building the scheme: %w", err)
	}
	return ctrl.NewManager(config, ctrl.Options{
		Scheme:                        scheme,
		Cache:                         cacheOptions(o.Namespace),
		LeaderElection:                o.LeaderElect,
		LeaderElectionID:              leaseName,
		LeaderElectionNamespace:       o.Namespace,
		LeaderElectionReleaseOnCancel: true,
		HealthProbeBindAddress:        o.ProbeAddress,
		Metrics: metricsserver.Options{
			BindAddress:    o.MetricsAddress,
			SecureServing:  true,
			CertDir:        o.WebhookCertDir,
			FilterProvider: scraper.Filter,
			TLSOpts:        []func(*tls.Config){withoutHTTP2},
		},
		WebhookServer: webhook.NewServer(webhook.Options{
			Host:    o.WebhookAddress,
			Port:    o.WebhookPort,
			CertDir: o.WebhookCertDir,
			TLSOpts: []func(*tls.Config){withoutHTTP2},
		}),
	})
}

// withoutHTTP2 keeps stream resets (CVE-2023-44487) from tying a server up.
func withoutHTTP2(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }

// cacheOptions keeps in memory only what is used: most of a Node is a list of images.
func cacheOptions(namespace string) cache.Options {
	return cache.Options{
		DefaultTransform: cache.TransformStripManagedFields(),
		ByObject: map[client.Object]cache.ByObject{
			&corev1.Node{}:      {Transform: nodelifecycle.TrimNode},
			&appsv1.DaemonSet{}: {Transform: speakerwatch.TrimDaemonSet},
			&corev1.Secret{}:    {Namespaces: map[string]cache.Config{namespace: {}}},
		},
	}
}

func addWebhooks(mgr manager.Manager, o options.Options) error {
	access := webhooks.Access{Client: mgr.GetClient()}
	defaulter := &webhooks.NodeDefaulter{Taint: o.Taint, Clock: clock.RealClock{}, Access: access}
	mgr.GetWebhookServer().Register("/mutate--v1-node", &webhook.Admission{Handler: webhooks.NodeHandler{Defaulter: defaulter}})
	return errors.Join(
		metrics.RegisterCertificate(filepath.Join(o.WebhookCertDir, corev1.TLSCertKey)),
		ctrl.NewWebhookManagedBy(mgr, &corev1.Node{}).WithValidator(&webhooks.NodeValidator{Taint: o.Taint, Access: access}).Complete(),
		ctrl.NewWebhookManagedBy(mgr, &appsv1.DaemonSet{}).WithDefaulter(webhooks.DaemonSetDefaulter{Taint: o.Taint}).Complete(),
		ctrl.NewWebhookManagedBy(mgr, &v1alpha1.BGPRouter{}).WithValidator(webhooks.BGPRouterValidator{}).Complete(),
		ctrl.NewWebhookManagedBy(mgr, &v1alpha1.PeeringPolicy{}).WithValidator(webhooks.PeeringPolicyValidator{}).Complete(),
	)
}

func addControllers(mgr manager.Manager, o options.Options) error {
	table, waiting, nodes := sessiontable.New(), waitlist.New(), ledger.New()
	streams := bmpstation.NewStreams()
	recorder := eventpace.New(mgr.GetEventRecorder("peergate"), mgr.GetScheme())
	lifecycle := &nodelifecycle.Reconciler{
		Client: nodelifecycle.Frugal(mgr.GetClient()), Live: mgr.GetAPIReader(), Recorder: recorder, Table: table, Waiting: waiting, Ledger: nodes,
		Clock: clock.RealClock{}, Taint: o.Taint,
	}
	poller := &routerpoll.Reconciler{
		Client: mgr.GetClient(), Secrets: mgr.GetClient(), Namespace: o.Namespace, Recorder: recorder,
		Table: table, Waiting: waiting, Clock: clock.RealClock{}, Streams: streams, Connect: connect.Router,
	}
	status := &policystatus.Reconciler{Client: mgr.GetClient(), Recorder: recorder, Ledger: nodes, Census: lifecycle}
	return errors.Join(
		mgr.Add(recorder),
		mgr.Add(onceLeading(func() error { return metrics.RegisterNodes(nodes, clock.RealClock{}) })),
		addBMP(mgr, o, table, streams),
		poller.SetupWithManager(mgr),
		lifecycle.SetupWithManager(mgr),
		status.SetupWithManager(mgr),
		speakerwatch.New(mgr.GetClient(), recorder, o.Taint).SetupWithManager(mgr),
	)
}

// onceLeading calls f when this process becomes the leader. A leader that ceases to be one ends.
func onceLeading(f func() error) manager.Runnable {
	return manager.RunnableFunc(func(context.Context) error { return f() })
}

// addProbes makes a replica ready once it serves webhooks, with a certificate that is loaded, and its caches have
// synced. The webhook server listens only after it has read its certificate.
func addProbes(mgr manager.Manager) error {
	return errors.Join(
		mgr.AddHealthzCheck("ping", healthz.Ping),
		mgr.AddReadyzCheck("webhook", mgr.GetWebhookServer().StartedChecker()),
		mgr.AddReadyzCheck("caches", func(req *http.Request) error {
			ctx, cancel := context.WithTimeout(req.Context(), time.Second)
			defer cancel()
			if !mgr.GetCache().WaitForCacheSync(ctx) {
				return errors.New("the caches have not synced yet")
			}
			return nil
		}),
	)
}
