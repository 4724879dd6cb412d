// Package config_test renders the kustomizations of this folder and holds them to the design: what is installed is
// what these tests read, decoded strictly into the types of the API server.
package config_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/peergate/peergate/api/v1alpha1"
)

const namespace = "peergate-system"

// kustomizations are those that people apply, and one that uses each component.
var kustomizations = []string{"default", "overlays/fail-closed", "testdata/mutating-admission-policy", "testdata/network-policy", "testdata/tolerate-speakers", "testdata/bmp"}

// objects are what one kustomization installs.
type objects []client.Object

// render builds a kustomization as kubectl apply -k does.
func render(t *testing.T, dir string) objects {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatalf("building %s: %v", dir, err)
	}
	manifests, err := resources.AsYaml()
	if err != nil {
		t.Fatalf("printing %s: %v", dir, err)
	}
	return decode(t, manifests)
}

// decode reads manifests into their Go types, and fails on a field that the type has not.
func decode(t *testing.T, manifests []byte) objects {
	t.Helper()
	decoder := serializer.NewCodecFactory(scheme(t), serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewDocumentDecoder(io.NopCloser(bytes.NewReader(manifests)))
	var decoded objects
	for buffer := make([]byte, len(manifests)); ; {
		n, err := documents.Read(buffer)
		if errors.Is(err, io.EOF) {
			return decoded
		}
		if err != nil {
			t.Fatalf("splitting manifests: %v", err)
		}
		object, _, err := decoder.Decode(buffer[:n], nil, nil)
		if err != nil {
			t.Fatalf("decoding: %v\n%s", err, buffer[:n])
		}
		decoded = append(decoded, object.(client.Object))
	}
}

func scheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	s := runtime.NewScheme()
	for _, addToScheme := range []func(*runtime.Scheme) error{
		clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme, certmanagerv1.AddToScheme, v1alpha1.AddToScheme,
	} {
		if err := addToScheme(s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// find returns the object of a type with a name.
func find[T client.Object](t *testing.T, all objects, name string) T {
	t.Helper()
	for _, object := range all {
		if found, ok := object.(T); ok && found.GetName() == name {
			return found
		}
	}
	var none T
	t.Fatalf("no %T %q", none, name)
	return none
}

func TestNamespaceIsOneAndTheSame(t *testing.T) {
	clusterScoped := []string{
		"Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "MutatingWebhookConfiguration",
		"ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
		"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
	}
	for _, dir := range kustomizations {
		t.Run(dir, func(t *testing.T) {
			for _, object := range render(t, dir) {
				kind := object.GetObjectKind().GroupVersionKind().Kind
				want := namespace
				if slices.Contains(clusterScoped, kind) {
					want = ""
				}
				if got := object.GetNamespace(); got != want {
					t.Errorf("%s %s is in namespace %q, want %q", kind, object.GetName(), got, want)
				}
			}
		})
	}
}

func TestNamespaceEnforcesRestrictedPods(t *testing.T) {
	labels := find[*corev1.Namespace](t, render(t, "default"), namespace).Labels
	if got := labels["pod-security.kubernetes.io/enforce"]; got != "restricted" {
		t.Errorf("namespace %s enforces pod security %q, want restricted", namespace, got)
	}
}
