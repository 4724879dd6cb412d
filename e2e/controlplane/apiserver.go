package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/e2e/controlplane/freeport"
)

// serviceNetwork is where cluster IPs come from. Only the API server's egress proxy knows a way there.
const serviceNetwork = "10.96.0.0/16"

const serviceAccountIssuer = "https://kubernetes.default.svc.cluster.local"

// egressConfiguration sends what the API server has to say to Services through servicenet.
const egressConfiguration = `apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
- name: cluster
  connection:
    proxyProtocol: HTTPConnect
    transport:
      uds:
        udsName: %s
`

func (c *Cluster) egressSocket() string { return filepath.Join(c.dir, "egress") }

// configureAPIServer settles what stays the same over restarts: address, keys, data and flags.
func (c *Cluster) configureAPIServer() error {
	address, err := freeport.Loopback()
	if err != nil {
		return err
	}
	egressFile := filepath.Join(c.dir, "egress.yaml")
	if err := os.WriteFile(egressFile, fmt.Appendf(nil, egressConfiguration, c.egressSocket()), 0o600); err != nil {
		return err
	}
	c.apiServerArgs = []string{
		"--etcd-servers=" + c.etcdURL,
		"--bind-address=" + address.Addr().String(),
		"--secure-port=" + strconv.Itoa(int(address.Port())),
		// Loopback is no valid endpoint of the Service "kubernetes", which nobody uses here.
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=" + serviceNetwork,
		"--egress-selector-config-file=" + egressFile,
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		// Without it, a stop waits a minute for watches that nobody ends.
		"--shutdown-watch-termination-grace-period=1s",
		"--client-ca-file=" + c.pki.caFile(),
		"--tls-cert-file=" + c.pki.servingCertFile(),
		"--tls-private-key-file=" + c.pki.servingKeyFile(),
		"--service-account-issuer=" + serviceAccountIssuer,
		"--service-account-key-file=" + c.pki.serviceAccountKeyFile(),
		"--service-account-signing-key-file=" + c.pki.serviceAccountKeyFile(),
	}
	c.admin, err = c.clientConfig("https://"+address.String(), "admin", "system:masters")
	return err
}

// StartAPIServer starts the API server again after StopAPIServer: at the same address, with the same keys and data.
func (c *Cluster) StartAPIServer(ctx context.Context) error {
	c.mu.Lock()
	running := c.apiServer != nil
	c.mu.Unlock()
	if running {
		return errors.New("starting kube-apiserver: it runs already")
	}
	p, err := c.run(ctx, "kube-apiserver", c.binaries.KubeAPIServer, c.apiServerReady, c.apiServerArgs...)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.apiServer = p
	return nil
}

// StopAPIServer ends the API server as an upgrade of the control plane does: orderly, closing every watch.
func (c *Cluster) StopAPIServer() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.apiServer == nil {
		return errors.New("stopping kube-apiserver: it does not run")
	}
	p := c.apiServer
	c.apiServer = nil
	return p.Stop()
}

// PIDs are the ids of etcd's process, and of the API server's unless it is stopped.
func (c *Cluster) PIDs() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	pids := []int{c.etcd.PID()}
	if c.apiServer != nil {
		pids = append(pids, c.apiServer.PID())
	}
	return pids
}

// apiServerReady also waits for the namespaces that kube-apiserver makes a moment after it says that it is ready.
func (c *Cluster) apiServerReady(ctx context.Context) error {
	if err := c.client.CoreV1().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error(); err != nil {
		return err
	}
	for _, namespace := range []string{metav1.NamespaceDefault, metav1.NamespaceSystem, corev1.NamespaceNodeLease} {
		if _, err := c.client.CoreV1().Namespaces().Get(ctx, namespace, metav1.GetOptions{}); err != nil {
			return err
		}
	}
	return nil
}
