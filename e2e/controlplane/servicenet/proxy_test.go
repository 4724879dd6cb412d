package servicenet_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"

	"github.com/peergate/peergate/e2e/controlplane/servicenet"
)

var webhook = types.NamespacedName{Namespace: "peergate-system", Name: "webhook"}

func listen(t *testing.T) (*servicenet.Proxy, string) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "proxy")
	proxy, err := servicenet.Listen(socket, func(_ context.Context, ip netip.Addr) (types.NamespacedName, error) {
		if ip != netip.MustParseAddr("10.96.0.10") {
			return types.NamespacedName{}, errors.New("no such Service")
		}
		return webhook, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proxy.Close() })
	return proxy, socket
}

// backend listens, and greets each connection with its name.
func backend(t *testing.T, name string) (address string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			fmt.Fprintln(conn, name)
			conn.Close()
		}
	}()
	return listener.Addr().String(), func() { listener.Close() }
}

// dial does what kube-apiserver does, and returns the backend's greeting or the proxy's refusal.
func dial(t *testing.T, socket, target string) string {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", target)
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		return response.Status
	}
	greeting, err := reader.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(greeting)
}

func TestConnectionsTakeTurnsAndSkipDeadBackends(t *testing.T) {
	proxy, socket := listen(t)
	one, stopOne := backend(t, "one")
	two, _ := backend(t, "two")
	proxy.Route(webhook, one, two)

	var got []string
	for range 3 {
		got = append(got, dial(t, socket, "10.96.0.10:443"))
	}
	stopOne()
	for range 2 {
		got = append(got, dial(t, socket, "10.96.0.10:443"))
	}
	if diff := cmp.Diff([]string{"one", "two", "one", "two", "two"}, got); diff != "" {
		t.Errorf("backends (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	proxy, socket := listen(t)
	gone, stop := backend(t, "gone")
	stop()
	for _, test := range []struct {
		name     string
		backends []string
		target   string
		want     string
	}{
		{name: "no route", target: "10.96.0.10:443", want: "connecting to Service peergate-system/webhook: no live backend"},
		{name: "dead", backends: []string{gone}, target: "10.96.0.10:443", want: "connection refused"},
		{name: "no Service", target: "10.96.0.11:443", want: "looking for the Service at 10.96.0.11: no such Service"},
		{name: "no cluster IP", target: "example.org:443", want: "reading the address"},
	} {
		t.Run(test.name, func(t *testing.T) {
			proxy.Route(webhook, test.backends...)
			if got := dial(t, socket, test.target); !strings.HasPrefix(got, "502 ") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want a 502 with %q", got, test.want)
			}
		})
	}
}

func TestCloseEndsOpenConnections(t *testing.T) {
	proxy, socket := listen(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	proxy.Route(webhook, silent.Addr().String())
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "CONNECT 10.96.0.10:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
		t.Fatal(err)
	}
	if err := proxy.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("reading after Close: %v, want EOF", err)
	}
}
