// Package options holds the command line of the manager.
package options

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"

	"go.uber.org/zap/zapcore"
	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/internal/taint"
)

// Options are what the command line of the manager says.
type Options struct {
	// Taint is what a node carries until its routers confirm it.
	Taint corev1.Taint
	// Namespace holds the Secrets with the routers' credentials, and the lease of the leader.
	Namespace      string
	LeaderElect    bool
	MetricsAddress string
	ProbeAddress   string
	WebhookAddress string
	WebhookPort    int
	WebhookCertDir string
	BMP            BMP
	LogLevel       zapcore.Level
}

// BMP says where routers reach the manager that tell of their sessions by themselves.
type BMP struct {
	// Address is host:port to listen on, or "0".
	Address string
	// Service is the name of a Service in Namespace that the leader leads to itself, or "".
	Service string
	// PodIP and Node are the pod's own address and node; they are set if Service is.
	PodIP netip.Addr
	Node  string
}

// The environment variables from which the pod's own address and node are taken.
const (
	PodIPVariable = "POD_IP"
	NodeVariable  = "NODE_NAME"
)

// NamespaceVariable is the environment variable from which the namespace is taken where no flag gives it.
const NamespaceVariable = "POD_NAMESPACE"

// Parse reads the arguments after the command's name. It returns flag.ErrHelp if they ask for help, which is then
// printed already.
func Parse(name string, args []string) (Options, error) {
	o := Options{LogLevel: zapcore.InfoLevel}
	var taintFlag string
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.StringVar(&taintFlag, "taint", taint.Default, "taint of a node that its routers have not confirmed, as key[=value]:effect")
	fs.StringVar(&o.Namespace, "namespace", os.Getenv(NamespaceVariable), "namespace of the routers' Secrets and of the leader's lease; default $"+NamespaceVariable)
	fs.BoolVar(&o.LeaderElect, "leader-elect", true, "elect a leader among the replicas, to ask the routers and write the nodes")
	fs.StringVar(&o.MetricsAddress, "metrics-bind-address", ":8443", "address of the metrics, served over HTTPS to those with a token that may read them; 0 for none")
	fs.StringVar(&o.ProbeAddress, "health-probe-bind-address", ":8081", "address of /healthz and /readyz")
	fs.StringVar(&o.WebhookAddress, "webhook-bind-address", "", "IP address of the webhooks; default all")
	fs.IntVar(&o.WebhookPort, "webhook-port", 9443, "port of the webhooks")
	fs.StringVar(&o.WebhookCertDir, "webhook-cert-dir", "/var/run/peergate/webhook-cert", "directory with tls.crt and tls.key of the webhooks and the metrics, which are read again when they change")
	fs.StringVar(&o.BMP.Address, "bmp-bind-address", ":1790", "address for routers that tell of their sessions by themselves, which the leader listens on while a BGPRouter has spec.bmp; 0 for none")
	fs.StringVar(&o.BMP.Service, "bmp-service", "", "Service without a selector that the leader leads to itself, by $"+PodIPVariable+" and $"+NodeVariable)
	fs.TextVar(&o.LogLevel, "log-level", zapcore.InfoLevel, "debug, info, warn or error")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("reading the command line: %q is not a flag", fs.Arg(0))
	}
	if o.LogLevel > zapcore.ErrorLevel {
		return o, fmt.Errorf("reading --log-level: %q is not debug, info, warn or error", o.LogLevel)
	}
	if o.Namespace == "" {
		return o, errors.New("reading the command line: --namespace or $" + NamespaceVariable + " must be set")
	}
	var err error
	if o.Taint, err = taint.Parse(taintFlag); err != nil {
		return o, fmt.Errorf("reading --taint: %w", err)
	}
	return o, o.BMP.readPod()
}

// readPod reads what is needed to lead a Service here.
func (b *BMP) readPod() (err error) {
	if b.Service == "" {
		return nil
	}
	if b.PodIP, err = netip.ParseAddr(os.Getenv(PodIPVariable)); err != nil {
		return fmt.Errorf("reading $%s, which --bmp-service needs: %w", PodIPVariable, err)
	}
	if b.Node = os.Getenv(NodeVariable); b.Node == "" {
		return errors.New("reading the command line: --bmp-service needs $" + NodeVariable)
	}
	return nil
}
