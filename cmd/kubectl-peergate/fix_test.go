package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/access"
	"github.com/peergate/peergate/routerclient/replay"
	"github.com/peergate/peergate/routerclient/routertest"
)

// edge is a router with FRR, which shows the driver's recordings: without neighbors, and with them once it took one.
type edge struct {
	*routertest.Server
	knows   atomic.Bool
	refuses string
}

func newEdge(t *testing.T) *edge {
	t.Helper()
	e := &edge{}
	before, err := replay.Load(recording("nopeers"))
	if err != nil {
		t.Fatal(err)
	}
	after, err := replay.Load(recording("normal"))
	if err != nil {
		t.Fatal(err)
	}
	e.Server = routertest.NewServer(t, routertest.Options{
		User: "anna", Password: "her own",
		Handler: func(_ context.Context, command string, stdout, _ io.Writer) int {
			shown := before
			if e.knows.Load() {
				shown = after
			}
			if out, question := shown.Answers[command]; question {
				_, _ = stdout.Write(out.Stdout)
				return out.ExitStatus
			}
			return e.take(command, stdout)
		},
	})
	return e
}

// take is what the router makes of a command that is no question.
func (e *edge) take(command string, stdout io.Writer) int {
	switch {
	case e.refuses != "" && strings.Contains(command, e.refuses):
		_, _ = fmt.Fprintln(stdout, "% Create the peer-group first")
		return 1
	case strings.Contains(command, "no neighbor"):
		e.knows.Store(false)
	case strings.Contains(command, "remote-as"):
		e.knows.Store(true)
	}
	return 0
}

// objects are a node that the router lacks, and what selects it.
func (e *edge) objects(node string) []client.Object {
	return []client.Object{
		&corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: "leviathan3"},
			Status: corev1.NodeStatus{
				Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: node}},
				Conditions: []corev1.NodeCondition{{
					Type: v1alpha1.NodeConditionBGPPeered, Status: corev1.ConditionFalse,
					Message: "Router edge has no neighbor.\nType on edge:\n  vtysh\n  configure terminal\nOr ask somebody.",
				}},
			},
		},
		&v1alpha1.BGPRouter{ObjectMeta: metav1.ObjectMeta{Name: "edge"}, Spec: v1alpha1.BGPRouterSpec{Address: e.Addr(), Platform: "FRR"}},
		&v1alpha1.PeeringPolicy{ObjectMeta: metav1.ObjectMeta{Name: "default"}},
	}
}

// fixing runs the command with a person's credentials, and returns what it printed, without the port of the router.
func (e *edge) fixing(t *testing.T, typed string, change func(*fixer), funcs interceptor.Funcs, objects ...client.Object) (string, error) {
	t.Helper()
	return e.fixingUntil(t.Context(), t, typed, change, funcs, objects...)
}

func (e *edge) fixingUntil(ctx context.Context, t *testing.T, typed string, change func(*fixer), funcs interceptor.Funcs, objects ...client.Object) (string, error) {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	scheme, err := newScheme()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	f := &fixer{
		credentials: credentials{
			username: "anna", passwordFile: write("password", []byte("her own\n")), knownHosts: write("known_hosts", e.KnownHosts()),
		},
		question: question{routerASN: 64512, nodeASN: 64513}, timeout: time.Second, out: &out, answers: strings.NewReader(typed),
	}
	change(f)
	cl := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithInterceptorFuncs(funcs).Build()
	err = f.run(ctx, cl, "leviathan3")
	return strings.ReplaceAll(out.String(), e.Addr(), "ADDRESS"), err
}

// inRecording is the address of a neighbor whose session is up in the recording.
const inRecording = "192.0.2.11"

func TestFix(t *testing.T) {
	tests := map[string]struct {
		node    string
		typed   string
		change  func(*fixer)
		refuses string
		// status is the exit status, and knows whether the router has the neighbor at the end.
		status int
		knows  bool
	}{
		"shown":            {inRecording, "", func(*fixer) {}, "", 2, false},
		"declined":         {inRecording, "\n", func(f *fixer) { f.apply = true }, "", 2, false},
		"nobody-answers":   {inRecording, "", func(f *fixer) { f.apply = true }, "", 2, false},
		"applied":          {inRecording, "y\n", func(f *fixer) { f.apply = true }, "", 0, true},
		"not-asked":        {inRecording, "", func(f *fixer) { f.apply, f.yes = true, true }, "", 0, true},
		"refused":          {inRecording, "yes\n", func(f *fixer) { f.apply, f.peerGroup = true, "NOSUCH" }, "peer-group NOSUCH", 1, false},
		"asn-unknown":      {inRecording, "y\n", func(f *fixer) { f.apply, f.nodeASN = true, 0 }, "", 1, false},
		"session-not-up":   {"192.0.2.18", "y\n", func(f *fixer) { f.apply = true }, "", 2, true},
		"wrong-password":   {inRecording, "", func(f *fixer) { f.username = "bob" }, "", 1, false},
		"no-credentials":   {inRecording, "", func(f *fixer) { f.passwordFile = "" }, "", 1, false},
		"no-such-router":   {inRecording, "", func(f *fixer) { f.router = "core" }, "", 1, false},
		"address-mistyped": {inRecording, "", func(f *fixer) { f.address = "192.0.2" }, "", 1, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEdge(t)
			e.refuses = test.refuses
			out, err := e.fixing(t, test.typed, test.change, interceptor.Funcs{}, e.objects(test.node)...)
			if got := exitCode(err); got != test.status || e.knows.Load() != test.knows {
				t.Errorf("exit status %d, the router has the neighbor: %t", got, e.knows.Load())
			}
			if err != nil && !errors.Is(err, errNeedsPerson) {
				out += "error: " + strings.ReplaceAll(err.Error(), e.Addr(), "ADDRESS") + "\n"
			}
			golden(t, filepath.Join("testdata", "fix-"+name+".txt"), out)
		})
	}
}

// TestFixWhereNothingIsMissing also says when nothing holds the node.
func TestFixWhereNothingIsMissing(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	e.knows.Store(true)
	objects := e.objects(inRecording)
	objects[0].SetAnnotations(map[string]string{v1alpha1.AnnotationExempt: "storage only"})
	out, err := e.fixing(t, "", func(f *fixer) { f.apply = true }, interceptor.Funcs{}, objects[:2]...)
	want := "No PeeringPolicy selects node leviathan3: nothing holds it.\nNode leviathan3 is exempt: storage only\n" +
		"Router edge has an Established session with 192.0.2.11.\n"
	if err != nil || out != want {
		t.Errorf("it says %q, %v; want %q", out, err, want)
	}
}

// TestFixOfAnAddress that is not the node's: of another node it is a slip, and of none it does not open the node yet.
func TestFixOfAnAddress(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	other := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "leviathan2"}}
	other.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "192.0.2.77"}}
	objects := append(e.objects(inRecording), other)
	tests := map[string]struct{ out, problem string }{
		"192.0.2.77":        {"", "--address: 192.0.2.77 is an address of node leviathan2"},
		"::ffff:192.0.2.77": {"", "--address: 192.0.2.77 is an address of node leviathan2"},
		"fe80::1%;reload":   {"", `--address: "fe80::1%;reload" has a zone`},
		"192.0.2.78":        {"192.0.2.78 is no address of node leviathan3: its session counts once annotation peergate.dev/bgp-address of the node names it.\n", errNeedsPerson.Error()},
		inRecording:         {"Router edge ", errNeedsPerson.Error()},
	}
	for address, want := range tests {
		out, err := e.fixing(t, "", func(f *fixer) { f.address = address }, interceptor.Funcs{}, objects...)
		if err == nil || err.Error() != want.problem || !strings.HasPrefix(out, want.out) {
			t.Errorf("of %s it says %q, %v; want %+v", address, out, err, want)
		}
	}
}

// TestFixWithoutRights names the right, and no router is asked.
func TestFixWithoutRights(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	refuse := interceptor.Funcs{List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
		if _, ok := list.(*v1alpha1.BGPRouterList); ok {
			return apierrors.NewForbidden(v1alpha1.GroupVersion.WithResource("bgprouters").GroupResource(), "", errors.New("no"))
		}
		return c.List(ctx, list, options...)
	}}
	_, err := e.fixing(t, "", func(*fixer) {}, refuse, e.objects(inRecording)...)
	if denied, ok := errors.AsType[*access.Denied](err); !ok || denied.Missing[0].Resource != "bgprouters" || e.Connections() > 0 {
		t.Errorf("error %v after %d connections", err, e.Connections())
	}
}

// TestFixWithoutPeergate: what is not installed is not a kind without matches.
func TestFixWithoutPeergate(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	notThere := interceptor.Funcs{List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
		if _, ok := list.(*v1alpha1.BGPRouterList); ok {
			return &meta.NoKindMatchError{}
		}
		return c.List(ctx, list, options...)
	}}
	_, err := e.fixing(t, "", func(*fixer) {}, notThere, e.objects(inRecording)...)
	if err == nil || !strings.Contains(err.Error(), "is Peergate installed?") {
		t.Errorf("the error is %v", err)
	}
}

// TestPreferSSH: lines are typed over SSH, where the platform has it, on its own port.
func TestPreferSSH(t *testing.T) {
	tests := map[string]struct{ platform, address, transport, wantAddress, wantTransport string }{
		"read over HTTPS":  {"RouterOS", "192.168.3.1:8443", "", "192.168.3.1", "SSH"},
		"read over SSH":    {"RouterOS", "192.168.3.1:2222", "SSH", "192.168.3.1:2222", "SSH"},
		"has SSH only":     {"FRR", "192.168.3.1:2222", "", "192.168.3.1:2222", ""},
		"has none":         {"OPNsense", "192.168.3.1:8443", "", "192.168.3.1:8443", ""},
		"is not known yet": {"Wellfleet", "192.168.3.1:8443", "", "192.168.3.1:8443", ""},
	}
	for name, test := range tests {
		spec := v1alpha1.BGPRouterSpec{Platform: test.platform, Address: test.address, Transport: test.transport}
		preferSSH(&spec)
		if spec.Address != test.wantAddress || spec.Transport != test.wantTransport {
			t.Errorf("%s: %s over %q, want %s over %q", name, spec.Address, spec.Transport, test.wantAddress, test.wantTransport)
		}
	}
}
