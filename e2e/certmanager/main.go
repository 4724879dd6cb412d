// Command certmanager runs what Peergate's manifests need of cert-manager: certificates issued by self-signed and CA
// issuers, and the CA injector. It is cert-manager's own code, put together here because cert-manager's commands are
// modules that cannot be built from a module proxy alone. It has no ACME, no webhook and no leader election.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
)

func main() {
	// Not flag.CommandLine, where controller-runtime has its own --kubeconfig.
	flags := flag.NewFlagSet("certmanager", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "path of the kubeconfig file (required)")
	klog.InitFlags(flags)
	_ = flags.Parse(os.Args[1:]) // exits on an error
	ctrl.SetLogger(klog.Background())

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *kubeconfig); err != nil {
		fmt.Fprintln(os.Stderr, "certmanager:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("loading kubeconfig: %w", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return runIssuing(ctx, kubeconfig) })
	group.Go(func() error { return runCAInjector(ctx, config) })
	return group.Wait()
}
