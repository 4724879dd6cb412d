package controlplane_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/peergate/peergate/e2e/controlplane"
)

var cluster *controlplane.Cluster

func TestMain(m *testing.M) {
	os.Exit(controlplane.Main(m, controlplane.Options{Progress: os.Stderr}, prepare))
}

func prepare(ctx context.Context, c *controlplane.Cluster) error {
	cluster = c
	return errors.Join(c.StartScheduler(ctx), c.StartControllerManager(ctx), c.StartCertManager(ctx))
}

func clientFor(t *testing.T, config *rest.Config) kubernetes.Interface {
	t.Helper()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func admin(t *testing.T) kubernetes.Interface { return clientFor(t, cluster.Config()) }

// namespace creates one, and waits until pods can be created in it.
func namespace(t *testing.T, name string) {
	t.Helper()
	_, err := admin(t).CoreV1().Namespaces().Create(t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "service account", func(ctx context.Context) error {
		_, err := admin(t).CoreV1().ServiceAccounts(name).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}

// eventually waits until check returns nil, for a minute at most.
func eventually(t *testing.T, what string, check func(context.Context) error) {
	t.Helper()
	deadline := time.After(time.Minute)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := check(t.Context())
		if err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("%s: %v", what, err)
		case <-ticker.C:
		}
	}
}
