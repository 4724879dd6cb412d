package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/internal/terminal"
	"github.com/peergate/peergate/internal/uninstall"
)

const uninstallExample = `  # What would be taken away
  kubectl peergate uninstall --dry-run

  # Take it away
  kubectl peergate uninstall`

type uninstallation struct {
	cluster
	dryRun  bool
	yes     bool
	timeout time.Duration
}

func newUninstall() *cobra.Command {
	u := &uninstallation{}
	cmd := &cobra.Command{
		Use:   "uninstall",
		Short: "Take every taint, condition and annotation of Peergate off the nodes, and say what to delete then.",
		Long: "Take every taint, condition and annotation of Peergate off the nodes, and say what to delete then. It deletes\n" +
			"the webhook that taints new nodes and every PeeringPolicy before that, so that nothing comes back. It works\n" +
			"without a manager too.",
		Example: uninstallExample,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return u.run(cmd) },
	}
	u.addTo(cmd)
	cmd.Flags().BoolVar(&u.dryRun, "dry-run", false, "say what would be done, and do nothing")
	cmd.Flags().BoolVarP(&u.yes, "yes", "y", false, "do not ask")
	cmd.Flags().DurationVar(&u.timeout, "timeout", 5*time.Minute, "how long it may take")
	return cmd
}

func (u *uninstallation) run(cmd *cobra.Command) error {
	config, err := u.config()
	if err != nil {
		return err
	}
	config.QPS = -1 // no pace but that of the API server: the number of requests at once is bounded
	cl, err := newClient(config)
	if err != nil {
		return err
	}
	own, err := u.ownTaint(cmd.Context(), cl)
	if err != nil {
		return err
	}
	if err := sameTaint(cmd.Context(), cl, u.namespace, own); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if !u.dryRun && !u.yes {
		if err := confirm(cmd.Context(), cmd.InOrStdin(), out, "This takes the taint "+own.ToString()+" off every node, and deletes every PeeringPolicy."); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), u.timeout)
	defer cancel()
	work := &uninstall.Uninstaller{
		Client: cl, Taint: own, DryRun: u.dryRun, Settle: uninstallSettle,
		Say: func(line string) { _, _ = fmt.Fprintln(out, line) }, // a step is done whether or not it can be told
	}
	if err := work.Run(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprint(out, u.remains())
	return err
}

// sameTaint refuses to begin with another taint than the manager's, which would stay on every node that is held, with
// nobody left to take it away. Whether there is a manager, and whether it may be read, does not matter.
func sameTaint(ctx context.Context, reader client.Reader, namespace string, own corev1.Taint) error {
	if used, known := managerTaint(ctx, reader, namespace); known && used.Key != own.Key {
		return fmt.Errorf("the manager runs with --taint=%s, and taints of another key would stay: give --taint=%s here too", used.ToString(), used.ToString())
	}
	return nil
}

// uninstallSettle is longer than the manager's caches lag behind.
const uninstallSettle = 3 * time.Second

// errNotConfirmed is returned where a person did not say yes, or there is none to ask.
var errNotConfirmed = errors.New("not confirmed; nothing was changed")

// confirm asks a person at a terminal. Elsewhere --yes has to be given.
func confirm(ctx context.Context, in io.Reader, out io.Writer, what string) error {
	if !terminal.Is(out) {
		return fmt.Errorf("%w: --yes answers where nobody can be asked", errNotConfirmed)
	}
	if _, err := fmt.Fprintf(out, "%s Type yes to go on: ", what); err != nil {
		return err
	}
	answer, err := asked(ctx, func() (string, error) { return bufio.NewReader(in).ReadString('\n') })
	if err != nil || strings.TrimSpace(answer) != "yes" {
		return errNotConfirmed
	}
	return nil
}

// remains says what is left to be deleted, in the order in which nothing waits for what is gone.
func (u *uninstallation) remains() string {
	first := "The nodes are clean. What is left to delete:"
	if u.dryRun {
		first = "Afterwards, what is left to delete:"
	}
	return first + `

  kubectl delete --ignore-not-found -k config/default    # or your overlay of it

or, without the manifests:

  kubectl delete validatingwebhookconfiguration peergate
  kubectl delete validatingadmissionpolicybinding,validatingadmissionpolicy node-identity.peergate.dev
  kubectl delete mutatingadmissionpolicy node-taint.peergate.dev    # only with the component mutating-admission-policy
  kubectl delete crd bgprouters.peergate.dev peeringpolicies.peergate.dev
  kubectl delete clusterrolebinding,clusterrole -l app.kubernetes.io/part-of=peergate
  kubectl delete namespace ` + u.namespace + "\n"
}
