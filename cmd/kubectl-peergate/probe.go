package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/connect"
	"github.com/peergate/peergate/internal/probe"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/platform"
	"github.com/peergate/peergate/routerclient/replay"
)

// errNoAnswer is returned when the router gave no answer, which is printed already.
var errNoAnswer = errors.New("the router gave no answer")

type probeFlags struct {
	credentials
	spec     v1alpha1.BGPRouterSpec
	manifest string
	neighbor string
	timeout  time.Duration
	record   string
	replay   string
	output   string
}

const probeExample = `  # The sessions of an EdgeRouter, with the password from a file and the host key that ssh trusts
  kubectl peergate probe 192.168.3.1 --platform EdgeOS --username admin --password-file pw

  # A router as its manifest says, and what it says of one node
  kubectl peergate probe -f router.yaml --neighbor 192.168.3.33

  # Keep what the router printed, for a bug report, and look at it again
  kubectl peergate probe -f router.yaml --record bug
  kubectl peergate probe --platform EdgeOS --replay bug`

func newProbe() *cobra.Command {
	f := &probeFlags{}
	cmd := &cobra.Command{
		Use:   "probe [ADDRESS]",
		Short: "Ask a router for its BGP sessions, directly from here.",
		Long: "Ask a router for its BGP sessions, directly from here, without a cluster. Exits with 1 if the router gives\n" +
			"no answer.",
		Example: probeExample,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				f.spec.Address = args[0]
			}
			return f.run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	f.add(cmd)
	return cmd
}

func (f *probeFlags) add(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVarP(&f.manifest, "filename", "f", "", "file with a BGPRouter, and its Secret if it is to be used; - is standard input")
	fs.StringVar(&f.spec.Platform, "platform", "", "the router's platform: "+strings.Join(platform.Names(), ", "))
	fs.StringVar(&f.spec.Transport, "transport", "", "way to the router, if its platform has more than one: SSH, HTTPS or SNMP")
	fs.StringVar(&f.spec.VRF, "vrf", "", "VRF whose sessions are wanted; * is any (default \"default\")")
	fs.StringSliceVar(&f.spec.CommandPrefix, "command-prefix", nil, "words before each command, such as sudo,-n")
	fs.BoolVar(&f.spec.LegacyAlgorithms, "legacy-algorithms", false, "let SSH fall back to weak algorithms")
	f.addTo(fs)
	fs.StringVar(&f.neighbor, "neighbor", "", "address of a node, to say what the router lacks for it")
	fs.DurationVar(&f.timeout, "timeout", 30*time.Second, "how long to wait for the whole answer")
	fs.StringVar(&f.record, "record", "", "directory to keep what the router printed in, with secrets removed; it is made if it is not there")
	fs.StringVar(&f.replay, "replay", "", "directory with a recording to read instead of asking a router")
	fs.StringVarP(&f.output, "output", "o", "", "wide, json or yaml")
	cmd.MarkFlagsMutuallyExclusive("record", "replay")
	for _, field := range []string{"platform", "transport", "vrf", "command-prefix", "legacy-algorithms"} {
		cmd.MarkFlagsMutuallyExclusive("filename", field) // the manifest says it
	}
	_ = cmd.RegisterFlagCompletionFunc("platform", cobra.FixedCompletions(platform.Names(), cobra.ShellCompDirectiveNoFileComp)) // it fails for a flag that is not there
}

func (f *probeFlags) run(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	if !slices.Contains(probe.Formats, f.output) {
		return fmt.Errorf("--output: %q is not one of wide, json, yaml", f.output)
	}
	question := probe.Question{}
	if f.neighbor != "" {
		addr, err := netip.ParseAddr(f.neighbor)
		if err != nil {
			return fmt.Errorf("--neighbor: %q is not an IP address", f.neighbor)
		}
		question.Neighbor = addr
	}
	runner, err := f.runner(stdin)
	if err != nil {
		return err
	}
	client, err := connect.Client(f.spec, runner)
	if err != nil {
		return err
	}
	// What is lost when the connection does not end well has been read already.
	defer func() { _ = client.Close() }()
	question.Address, question.Platform, question.VRF = f.spec.Address, f.spec.Platform, f.spec.VRF
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	report := probe.Ask(ctx, client, question)
	if err := probe.Print(stdout, report, f.output); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	if report.Error != nil {
		return errNoAnswer
	}
	return nil
}

// runner is the router, or a recording of one, and keeps a recording if one is wanted.
func (f *probeFlags) runner(stdin io.Reader) (routerclient.Runner, error) {
	secret, err := f.settle(stdin)
	if err != nil {
		return nil, err
	}
	if _, known := platform.Lookup(f.spec.Platform); !known && f.manifest == "" {
		return nil, fmt.Errorf("--platform: %q is not one of %s", f.spec.Platform, strings.Join(platform.Names(), ", "))
	}
	if f.replay != "" {
		if f.spec.Address == "" {
			f.spec.Address = f.replay
		}
		return replay.Load(f.replay)
	}
	if f.spec.Address == "" {
		return nil, errors.New("no router: give its ADDRESS, or a manifest with -f")
	}
	runner, err := connect.Runner(f.spec, secret)
	if err != nil {
		return nil, withFlags(err)
	}
	if f.record == "" {
		return runner, nil
	}
	if err := os.MkdirAll(f.record, 0o755); err != nil {
		return nil, fmt.Errorf("--record: %w", err)
	}
	scrubbed := &probe.Scrubber{Runner: runner}
	for _, key := range []string{corev1.BasicAuthPasswordKey, connect.SecretToken, connect.SecretAuthPassword, connect.SecretPrivPassword} {
		scrubbed.Secrets = append(scrubbed.Secrets, secret[key])
	}
	return &replay.Recorder{Runner: scrubbed, Dir: f.record}, nil
}

// settle reads the manifest and the files that the flags name. Flags go before the manifest's Secret.
func (f *probeFlags) settle(stdin io.Reader) (map[string][]byte, error) {
	secret := map[string][]byte{}
	if f.manifest != "" {
		spec, data, err := f.readManifest(stdin)
		if err != nil {
			return nil, err
		}
		if f.spec.Address != "" {
			spec.Address = f.spec.Address
		}
		f.spec = spec
		if data != nil {
			secret = data
		}
	}
	if f.spec.VRF == "" {
		f.spec.VRF = routerclient.DefaultVRF
	}
	return secret, f.into(secret, stdin)
}

func (f *probeFlags) readManifest(stdin io.Reader) (v1alpha1.BGPRouterSpec, map[string][]byte, error) {
	if f.manifest == "-" {
		return probe.ReadManifest(stdin)
	}
	file, err := os.Open(f.manifest)
	if err != nil {
		return v1alpha1.BGPRouterSpec{}, nil, fmt.Errorf("--filename: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	return probe.ReadManifest(file)
}
