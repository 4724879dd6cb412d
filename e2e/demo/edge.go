package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/bgp"
	"github.com/peergate/peergate/e2e/bgp/edgeos"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/routerclient/routertest"
	"github.com/peergate/peergate/routerclient/sshexec"
)

const (
	routerName = "edge"
	routerUser = "admin"
	// asn is of the router and of all nodes: sessions are iBGP, as in the story.
	asn = 64512
)

// The prompts of EdgeOS's two modes.
const (
	operationalPrompt   = routerUser + "@" + routerName + ":~$"
	configurationPrompt = routerUser + "@" + routerName + "#"
)

var routerAddr = netip.MustParseAddr("127.0.3.1")

// edge is the router: live BGP behind EdgeOS's command line, over SSH.
type edge struct {
	*bgp.Router
	ssh      *routertest.Server
	password string
	// admin is the session of the person who looks after the router.
	admin *sshexec.Runner
}

func startEdge(ctx context.Context) (*edge, error) {
	router, err := bgp.ListenRouter(ctx, routerAddr, asn)
	if err != nil {
		return nil, err
	}
	e := &edge{Router: router, password: rand.Text()}
	cli := edgeos.CLI{Router: router, Clock: clock.RealClock{}}
	e.ssh, err = routertest.Start(routertest.Options{
		Addr: netip.AddrPortFrom(routerAddr, 0).String(), User: routerUser, Password: e.password, Handler: cli.Run,
	})
	if err != nil {
		router.Stop()
		return nil, err
	}
	e.admin, err = sshexec.New(sshexec.Config{
		Address: e.ssh.Addr(), Username: routerUser, Password: e.password, KnownHosts: e.ssh.KnownHosts(),
	})
	if err != nil {
		e.ssh.Close()
		router.Stop()
		return nil, err
	}
	return e, nil
}

func (e *edge) shutDown() error {
	err := e.admin.Close()
	e.ssh.Close()
	e.Stop()
	return err
}

// resources are what a user creates so that Peergate asks this router.
func (e *edge) resources() (*corev1.Secret, *v1alpha1.BGPRouter) {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: routerName},
		Data: map[string][]byte{
			corev1.BasicAuthUsernameKey: []byte(routerUser),
			corev1.BasicAuthPasswordKey: []byte(e.password),
			"known_hosts":               e.ssh.KnownHosts(),
		},
	}
	router := &v1alpha1.BGPRouter{
		ObjectMeta: metav1.ObjectMeta{Name: routerName},
		Spec: v1alpha1.BGPRouterSpec{
			Address:              e.ssh.Addr(),
			Platform:             "EdgeOS",
			CredentialsSecretRef: v1alpha1.SecretReference{Name: routerName},
		},
	}
	return secret, router
}

// show runs a command of the operational mode.
func (e *edge) show(ctx context.Context, command string) (string, error) {
	return e.run(ctx, edgeos.Wrapper+" "+command)
}

// configure types lines of the configuration mode.
func (e *edge) configure(ctx context.Context, lines []string) (string, error) {
	return e.run(ctx, edgeos.Script(lines...))
}

func (e *edge) run(ctx context.Context, command string) (string, error) {
	output, err := e.admin.Run(ctx, command)
	if err != nil {
		return "", err
	}
	if output.ExitStatus != 0 {
		return "", fmt.Errorf("running %q on router %s: exit status %d: %s%s", command, routerName, output.ExitStatus, output.Stdout, output.Stderr)
	}
	return string(output.Stdout), nil
}
