package controlplane

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/peergate/peergate/e2e/controlplane/freeport"
)

func (c *Cluster) startEtcd(ctx context.Context) error {
	client, err := freeport.Loopback()
	if err != nil {
		return err
	}
	peer, err := freeport.Loopback()
	if err != nil {
		return err
	}
	c.etcdURL = "http://" + client.String()
	peerURL := "http://" + peer.String()
	c.etcd, err = c.run(ctx, "etcd", c.binaries.Etcd, c.etcdHealthy,
		"--data-dir="+filepath.Join(c.dir, "etcd"),
		"--listen-client-urls="+c.etcdURL,
		"--advertise-client-urls="+c.etcdURL,
		"--listen-peer-urls="+peerURL,
		"--initial-advertise-peer-urls="+peerURL,
		"--initial-cluster=default="+peerURL,
		// The data need not survive the machine, and a laptop's disk takes a second for what etcd writes at its start.
		"--unsafe-no-fsync",
	)
	return err
}

func (c *Cluster) etcdHealthy(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.etcdURL+"/health", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("etcd says %s", response.Status)
	}
	return nil
}
