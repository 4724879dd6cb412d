package controlplane

import (
	"context"
	"fmt"
	"os"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// tokenLifetime is longer than any test cluster lives.
const tokenLifetime = 24 * time.Hour

// Config is for a client that may do everything (group system:masters).
func (c *Cluster) Config() *rest.Config { return rest.CopyConfig(c.admin) }

// User is for a client with the given name and groups, proven by a client certificate. It may do what RBAC or the Node
// authorizer lets them.
func (c *Cluster) User(name string, groups ...string) (*rest.Config, error) {
	return c.clientConfig(c.admin.Host, name, groups...)
}

// Kubelet is for a client with the identity of a node's kubelet, whether or not that node has joined.
func (c *Cluster) Kubelet(node string) (*rest.Config, error) {
	return c.User("system:node:"+node, "system:nodes")
}

func (c *Cluster) clientConfig(host, user string, groups ...string) (*rest.Config, error) {
	cert, key, err := c.pki.issueClient(user, groups)
	if err != nil {
		return nil, fmt.Errorf("issuing a certificate for %s: %w", user, err)
	}
	config := c.anonymous(host)
	config.CertData, config.KeyData = cert, key
	return config, nil
}

func (c *Cluster) anonymous(host string) *rest.Config {
	return &rest.Config{
		Host:            host,
		TLSClientConfig: rest.TLSClientConfig{CAData: c.pki.pem},
		QPS:             -1, // the API server has its own priority and fairness
	}
}

// ServiceAccount is for a client with a token of that service account, which must exist, valid for a day.
func (c *Cluster) ServiceAccount(ctx context.Context, namespace, name string) (*rest.Config, error) {
	request := &authenticationv1.TokenRequest{
		Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: new(int64(tokenLifetime / time.Second))},
	}
	token, err := c.client.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, name, request, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("requesting a token of service account %s/%s: %w", namespace, name, err)
	}
	config := c.anonymous(c.admin.Host)
	config.BearerToken = token.Status.Token
	return config, nil
}

// Kubeconfig writes a kubeconfig file for a program and returns its path. Stop removes it.
func (c *Cluster) Kubeconfig(config *rest.Config) (string, error) {
	file, err := os.CreateTemp(c.dir, "kubeconfig-")
	if err != nil {
		return "", fmt.Errorf("writing a kubeconfig file: %w", err)
	}
	file.Close()
	kubeconfig := clientcmdapi.NewConfig()
	kubeconfig.Clusters["peergate"] = &clientcmdapi.Cluster{
		Server:                   config.Host,
		CertificateAuthorityData: config.CAData,
	}
	kubeconfig.AuthInfos["user"] = &clientcmdapi.AuthInfo{
		ClientCertificateData: config.CertData,
		ClientKeyData:         config.KeyData,
		Token:                 config.BearerToken,
	}
	kubeconfig.Contexts["peergate"] = &clientcmdapi.Context{Cluster: "peergate", AuthInfo: "user"}
	kubeconfig.CurrentContext = "peergate"
	if err := clientcmd.WriteToFile(*kubeconfig, file.Name()); err != nil {
		return "", fmt.Errorf("writing a kubeconfig file: %w", err)
	}
	return file.Name(), nil
}

// userKubeconfig writes a kubeconfig file for a component's own user.
func (c *Cluster) userKubeconfig(name string, groups ...string) (string, error) {
	config, err := c.User(name, groups...)
	if err != nil {
		return "", err
	}
	return c.Kubeconfig(config)
}
