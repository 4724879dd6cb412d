package controlplane

import (
	"context"
	"fmt"
	"net/netip"

	"k8s.io/client-go/kubernetes"

	"github.com/peergate/peergate/e2e/kubelet"
)

// Node has a node join with its own kubelet's identity; addresses become its InternalIPs.
func (c *Cluster) Node(ctx context.Context, name string, addresses ...string) error {
	node := kubelet.Node{Name: name}
	for _, address := range addresses {
		ip, err := netip.ParseAddr(address)
		if err != nil {
			return fmt.Errorf("joining node %s: %w", name, err)
		}
		node.Addresses = append(node.Addresses, ip)
	}
	return c.kubelets.Join(ctx, node)
}

// Kubelets are those of all nodes that joined, for what Node does not offer.
func (c *Cluster) Kubelets() *kubelet.Fleet { return c.kubelets }

func (c *Cluster) startKubelets() error {
	fleet, err := kubelet.New(c.client, func(node string) (kubernetes.Interface, error) {
		config, err := c.Kubelet(node)
		if err != nil {
			return nil, err
		}
		return kubernetes.NewForConfig(config)
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		fleet.Run(ctx)
		close(stopped)
	}()
	c.kubelets = fleet
	c.stopKubelets = func() {
		cancel()
		<-stopped
	}
	return nil
}
