package controlplane

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// StartScheduler starts kube-scheduler with its default configuration.
func (c *Cluster) StartScheduler(ctx context.Context) error {
	kubeconfig, err := c.userKubeconfig("system:kube-scheduler")
	if err != nil {
		return err
	}
	_, err = c.run(ctx, "kube-scheduler", c.binaries.KubeScheduler, nil,
		"--kubeconfig="+kubeconfig,
		"--leader-elect=false",
		"--secure-port=0",
	)
	return err
}

// controllers are those that a test of nodes and workloads can see the effect of.
var controllers = []string{
	"clusterrole-aggregation-controller",
	"daemonset-controller",
	"deployment-controller",
	"disruption-controller",
	"endpointslice-controller",
	"garbage-collector-controller",
	"namespace-controller",
	"node-lifecycle-controller", // takes off the not-ready taint that admission gives every new node
	"pod-garbage-collector-controller",
	"replicaset-controller",
	"root-ca-certificate-publisher-controller",
	"serviceaccount-controller",
	"serviceaccount-token-controller",
	"taint-eviction-controller",
}

// StartControllerManager starts kube-controller-manager, and returns when namespace "default" has its service account,
// without which no pod can be created there. A node may be silent for an hour before it counts as unreachable, so that
// a busy machine, or an API server that was away, does not set off evictions.
func (c *Cluster) StartControllerManager(ctx context.Context) error {
	kubeconfig, err := c.userKubeconfig("system:kube-controller-manager")
	if err != nil {
		return err
	}
	_, err = c.run(ctx, "kube-controller-manager", c.binaries.KubeControllerManager, c.defaultServiceAccountExists,
		"--kubeconfig="+kubeconfig,
		"--leader-elect=false",
		"--secure-port=0",
		"--controllers="+strings.Join(controllers, ","),
		"--use-service-account-credentials",
		"--service-account-private-key-file="+c.pki.serviceAccountKeyFile(),
		"--root-ca-file="+c.pki.caFile(),
		"--node-monitor-grace-period=1h",
		"--kube-api-qps=200",
		"--kube-api-burst=400",
	)
	return err
}

func (c *Cluster) defaultServiceAccountExists(ctx context.Context) error {
	_, err := c.client.CoreV1().ServiceAccounts(corev1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
	return err
}

// StartCertManager installs cert-manager's CustomResourceDefinitions and starts its issuing controllers and its CA
// injector. They know self-signed and CA issuers, not ACME. They may do everything, as their RBAC is not under test.
func (c *Cluster) StartCertManager(ctx context.Context) error {
	crds, err := readManifests(c.binaries.CertManagerCRDs)
	if err != nil {
		return err
	}
	if err := c.ApplyObjects(ctx, crds); err != nil {
		return err
	}
	kubeconfig, err := c.userKubeconfig("cert-manager", "system:masters")
	if err != nil {
		return err
	}
	_, err = c.run(ctx, "cert-manager", c.binaries.CertManager, nil, "--kubeconfig="+kubeconfig)
	return err
}
