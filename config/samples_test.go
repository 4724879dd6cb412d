package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
)

func TestSamplesDecode(t *testing.T) {
	files, err := filepath.Glob("samples/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			manifests, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all := decode(t, manifests)
			for _, object := range all {
				if router, ok := object.(*v1alpha1.BGPRouter); ok {
					checkCredentials(t, find[*corev1.Secret](t, all, router.Spec.CredentialsSecretRef.Name))
				}
			}
		})
	}
}

func checkCredentials(t *testing.T, secret *corev1.Secret) {
	t.Helper()
	if secret.Namespace != namespace {
		t.Errorf("Secret %s is in namespace %q, where the manager does not look", secret.Name, secret.Namespace)
	}
	known := []string{"username", "password", "ssh-privatekey", "known_hosts"}
	for key := range secret.StringData {
		if !slices.Contains(known, key) {
			t.Errorf("Secret %s has key %q, which the manager does not read", secret.Name, key)
		}
	}
	for _, key := range []string{"username", "known_hosts"} {
		if secret.StringData[key] == "" {
			t.Errorf("Secret %s lacks key %q", secret.Name, key)
		}
	}
}
