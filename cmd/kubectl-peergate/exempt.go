package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/access"
	"github.com/peergate/peergate/internal/terminal"
)

const exemptExample = `  # Open a node that will never have a session
  kubectl peergate exempt leviathan4 --reason "storage only, announces nothing"

  # Put it back under its policies
  kubectl peergate exempt leviathan4 --undo`

type exemption struct {
	cluster
	reason string
	undo   bool
}

func newExempt() *cobra.Command {
	e := &exemption{}
	cmd := &cobra.Command{
		Use:   "exempt NODE (--reason REASON | --undo)",
		Short: "Free a node from every policy, or take that back.",
		Long: "Free a node from every policy, or take that back. It takes the verb exempt on peeringpolicies.peergate.dev,\n" +
			"which ClusterRole peergate-exempter has, and the right to patch nodes.",
		Example:           exemptExample,
		Args:              one("NODE"),
		ValidArgsFunction: e.complete(corev1.SchemeGroupVersion.WithKind("NodeList")),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.run(cmd.Context(), cmd.OutOrStdout(), args[0])
		},
	}
	e.addTo(cmd)
	cmd.Flags().StringVar(&e.reason, "reason", "", "why the node needs no session; it is kept with the node")
	cmd.Flags().BoolVar(&e.undo, "undo", false, "take the exemption back")
	cmd.MarkFlagsMutuallyExclusive("reason", "undo")
	cmd.MarkFlagsOneRequired("reason", "undo")
	return cmd
}

func (e *exemption) run(ctx context.Context, out io.Writer, name string) error {
	e.reason = strings.TrimSpace(e.reason)
	if e.reason == "" && !e.undo {
		return errors.New("--reason: must not be empty: somebody will ask")
	}
	cl, err := e.client()
	if err != nil {
		return err
	}
	// While no webhook is served the API server would let the write pass.
	patch := access.Right{Verb: "patch", GroupResource: schema.GroupResource{Resource: "nodes"}}
	if err := access.Require(ctx, cl, patch, access.Exempt); err != nil {
		return err
	}
	var node corev1.Node
	if err := cl.Get(ctx, client.ObjectKey{Name: name}, &node); err != nil {
		return fmt.Errorf("reading node %s: %w", name, access.Explain(err, access.Right{Verb: "get", GroupResource: patch.GroupResource}))
	}
	before, exempted := node.Annotations[v1alpha1.AnnotationExempt]
	if e.undo && !exempted {
		_, err := fmt.Fprintf(out, "node/%s was not exempt\n", name)
		return err
	}
	if err := e.write(ctx, cl, &node); err != nil {
		return err
	}
	return e.told(out, name, before)
}

// write changes the annotation of this very node: its UID is a precondition.
func (e *exemption) write(ctx context.Context, cl client.Client, node *corev1.Node) error {
	value := any(e.reason)
	if e.undo {
		value = nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid": node.UID, "annotations": map[string]any{v1alpha1.AnnotationExempt: value},
	}})
	if err != nil {
		return fmt.Errorf("encoding the patch: %w", err)
	}
	err = cl.Patch(ctx, node, client.RawPatch(types.MergePatchType, patch))
	if apierrors.IsForbidden(err) {
		return err // the API server says who refused, and why
	}
	if err != nil {
		return fmt.Errorf("writing annotation %s of node %s: %w", v1alpha1.AnnotationExempt, node.Name, err)
	}
	return nil
}

func (e *exemption) told(out io.Writer, node, before string) error {
	var err error
	switch {
	case e.undo:
		_, err = fmt.Fprintf(out, "node/%s is no longer exempt; it was: %s\n", node, terminal.Clean(before))
	case before != "" && before != e.reason:
		_, err = fmt.Fprintf(out, "node/%s is exempt; until now it was for: %s\n", node, terminal.Clean(before))
	default:
		_, err = fmt.Fprintf(out, "node/%s is exempt\n", node)
	}
	return err
}
