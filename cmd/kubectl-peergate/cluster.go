package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/doctor"
	"github.com/peergate/peergate/internal/taint"
)

// cluster is the cluster that a command is about, as its flags say.
type cluster struct {
	flags     *genericclioptions.ConfigFlags
	namespace string
	// taint is "" until it is known.
	taint string
	clock serverClock
}

// shownFlags are those of kubectl's flags that the help of a command shows. The others work as well.
var shownFlags = []string{"kubeconfig", "context", "as", "request-timeout"}

// addTo gives a command kubectl's flags and Peergate's own.
func (c *cluster) addTo(cmd *cobra.Command) {
	c.flags = genericclioptions.NewConfigFlags(true)
	// Peergate is in a namespace of its own, whatever that of the context is.
	c.flags.Namespace = nil
	fs := cmd.Flags()
	c.flags.AddFlags(fs)
	fs.VisitAll(func(f *pflag.Flag) { f.Hidden = f.Hidden || !slices.Contains(shownFlags, f.Name) })
	fs.StringVarP(&c.namespace, "namespace", "n", "peergate-system", "namespace that Peergate is installed in")
	fs.StringVar(&c.taint, "taint", "", "the taint that Peergate is installed with (default the manager's, or "+taint.Default+" without one)")
}

// managerName is that of the manager's Deployment.
const managerName = "peergate-manager"

// ownTaint is the taint that Peergate is installed with: what --taint says, or else the manager's, which is read once. It
// is the default where there is no manager, or none that may be read.
func (c *cluster) ownTaint(ctx context.Context, reader client.Reader) (corev1.Taint, error) {
	if c.taint == "" {
		c.taint = taint.Default
		if used, known := managerTaint(ctx, reader, c.namespace); known {
			c.taint = used.ToString()
		}
	}
	t, err := taint.Parse(c.taint)
	if err != nil {
		return t, fmt.Errorf("--taint: %w", err)
	}
	return t, nil
}

func managerTaint(ctx context.Context, reader client.Reader, namespace string) (used corev1.Taint, known bool) {
	var deployment appsv1.Deployment
	if err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: managerName}, &deployment); err != nil {
		return used, false
	}
	return doctor.ManagerTaint(deployment.Spec.Template.Spec), true
}

// The limits that kubectl has. The API server has its own priority and fairness besides.
const (
	clientQPS   = 50
	clientBurst = 300
)

func (c *cluster) config() (*rest.Config, error) {
	config, err := c.flags.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("finding the cluster: %w", err)
	}
	config.QPS, config.Burst = clientQPS, clientBurst
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return dated{next, &c.clock} })
	return config, nil
}

// client reads and writes the cluster with the person's own rights.
func (c *cluster) client() (client.WithWatch, error) {
	config, err := c.config()
	if err != nil {
		return nil, err
	}
	return newClient(config)
}

func newClient(config *rest.Config) (client.WithWatch, error) {
	scheme, err := newScheme()
	if err != nil {
		return nil, err
	}
	cl, err := client.NewWithWatch(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("connecting to the API server: %w", err)
	}
	return cl, nil
}

func newScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	err := errors.Join(clientgoscheme.AddToScheme(scheme), apiextensionsv1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme))
	if err != nil {
		return nil, fmt.Errorf("building the scheme: %w", err)
	}
	return scheme, nil
}

// complete offers the names of all objects of a kind, for the one argument of a command. A completion that fails says
// nothing: the shell would show it in the middle of what the person types.
func (c *cluster) complete(kind schema.GroupVersionKind) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names, err := c.namesOf(cmd.Context(), kind)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

func (c *cluster) namesOf(ctx context.Context, kind schema.GroupVersionKind) ([]string, error) {
	cl, err := c.client()
	if err != nil {
		return nil, err
	}
	var list metav1.PartialObjectMetadataList
	list.SetGroupVersionKind(kind)
	if err := cl.List(ctx, &list); err != nil {
		return nil, fmt.Errorf("listing the names of every %s: %w", kind.Kind, err)
	}
	names := make([]string, 0, len(list.Items))
	for i := range list.Items {
		names = append(names, list.Items[i].Name)
	}
	return names, nil
}
