package main

import (
	"context"
	"fmt"
	"time"

	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	crca "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	crselfsigned "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	"github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	"github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	"github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"         // registers the CA issuer
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned" // registers the self-signed issuer
	"golang.org/x/sync/errgroup"
)

var issuingControllers = []string{
	approver.ControllerName,
	crca.CRControllerName,
	crselfsigned.CRControllerName,
	clusterissuers.ControllerName,
	issuers.ControllerName,
	issuing.ControllerName,
	keymanager.ControllerName,
	readiness.ControllerName,
	requestmanager.ControllerName,
	revisionmanager.ControllerName,
	trigger.ControllerName,
}

// runIssuing runs the controllers that turn a Certificate into a Secret, with cert-manager's own defaults.
func runIssuing(ctx context.Context, kubeconfig string) error {
	factory, err := controller.NewContextFactory(ctx, controller.ContextOptions{
		Kubeconfig:         kubeconfig,
		KubernetesAPIQPS:   20,
		KubernetesAPIBurst: 50,
		IssuerOptions:      controller.IssuerOptions{ClusterResourceNamespace: "cert-manager"},
		CertificateOptions: controller.CertificateOptions{
			CertificateRequestMinimumBackoffDuration: time.Hour,
			CertificateRequestMaximumBackoffDuration: 32 * time.Hour,
		},
	})
	if err != nil {
		return fmt.Errorf("building cert-manager's clients: %w", err)
	}
	root, err := factory.Build()
	if err != nil {
		return fmt.Errorf("building cert-manager's context: %w", err)
	}
	loops, err := constructControllers(factory)
	if err != nil {
		return err
	}
	root.SharedInformerFactory.Start(ctx.Done())
	root.KubeSharedInformerFactory.Start(ctx.Done())

	group, ctx := errgroup.WithContext(ctx)
	for _, loop := range loops {
		group.Go(func() error { return loop.Run(1, ctx) })
	}
	return group.Wait()
}

func constructControllers(factory *controller.ContextFactory) ([]controller.Interface, error) {
	loops := make([]controller.Interface, 0, len(issuingControllers))
	for _, name := range issuingControllers {
		construct, ok := controller.Known()[name]
		if !ok {
			return nil, fmt.Errorf("constructing controller %s: cert-manager has none of that name", name)
		}
		loop, err := construct(factory)
		if err != nil {
			return nil, fmt.Errorf("constructing controller %s: %w", name, err)
		}
		loops = append(loops, loop)
	}
	return loops, nil
}
