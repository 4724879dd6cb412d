package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/internal/access"
	"github.com/peergate/peergate/internal/report"
)

// versions are those of the command and of the manager.
type versions struct {
	Client string `json:"client"`
	// Manager is the image of the manager, or "".
	Manager string `json:"manager,omitempty"`
	// ManagerUnknown is why the manager's version is not known, or "".
	ManagerUnknown string `json:"managerUnknown,omitempty"`
}

func newVersion() *cobra.Command {
	var c cluster
	var output string
	var clientOnly bool
	formats := []string{report.FormatJSON, report.FormatYAML}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Show the version of this command, and of the manager.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(output, formats); err != nil {
				return err
			}
			v := versions{Client: version}
			if !clientOnly {
				v.addManager(cmd.Context(), &c)
			}
			return v.print(cmd.OutOrStdout(), output)
		},
	}
	c.addTo(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "", strings.Join(formats, ", "))
	cmd.Flags().BoolVar(&clientOnly, "client", false, "ask no cluster")
	return cmd
}

// addManager reads the image of the manager's Deployment.
func (v *versions) addManager(ctx context.Context, c *cluster) {
	cl, err := c.client()
	if err != nil {
		v.ManagerUnknown = err.Error()
		return
	}
	var deployment appsv1.Deployment
	if err := cl.Get(ctx, client.ObjectKey{Namespace: c.namespace, Name: managerName}, &deployment); err != nil {
		v.ManagerUnknown = access.Explain(err, access.Right{
			Verb: "get", GroupResource: schema.GroupResource{Group: appsv1.GroupName, Resource: "deployments"}, Namespace: c.namespace,
		}).Error()
		return
	}
	for _, container := range deployment.Spec.Template.Spec.Containers {
		if container.Name == "manager" {
			v.Manager = container.Image
		}
	}
}

func (v *versions) print(w io.Writer, format string) error {
	if ok, err := report.Encode(w, v, format); ok {
		return err
	}
	manager := ""
	switch {
	case v.Manager != "":
		manager = "Manager: " + v.Manager + "\n"
	case v.ManagerUnknown != "":
		manager = "Manager: not known: " + v.ManagerUnknown + "\n"
	}
	_, err := fmt.Fprintf(w, "Client:  %s\n%s", v.Client, manager)
	return err
}
