package probe

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/peergate/peergate/api/v1alpha1"
)

// ReadManifest reads the one BGPRouter in a YAML stream, and the data of its Secret if the stream has that too.
func ReadManifest(r io.Reader) (v1alpha1.BGPRouterSpec, map[string][]byte, error) {
	var router *v1alpha1.BGPRouter
	secrets := map[string]map[string][]byte{}
	documents := utilyaml.NewYAMLReader(bufio.NewReader(r))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return v1alpha1.BGPRouterSpec{}, nil, fmt.Errorf("reading the manifest: %w", err)
		}
		if err := readObject(document, &router, secrets); err != nil {
			return v1alpha1.BGPRouterSpec{}, nil, fmt.Errorf("reading the manifest: %w", err)
		}
	}
	if router == nil {
		return v1alpha1.BGPRouterSpec{}, nil, errors.New("reading the manifest: there is no BGPRouter in it")
	}
	return router.Spec, secrets[router.Spec.CredentialsSecretRef.Name], nil
}

func readObject(document []byte, router **v1alpha1.BGPRouter, secrets map[string]map[string][]byte) error {
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal(document, &kind); err != nil {
		return err
	}
	switch kind.Kind {
	case "BGPRouter":
		if *router != nil {
			return errors.New("there is more than one BGPRouter in it")
		}
		*router = &v1alpha1.BGPRouter{}
		return yaml.UnmarshalStrict(document, *router)
	case "Secret":
		var secret corev1.Secret
		if err := yaml.UnmarshalStrict(document, &secret); err != nil {
			return err
		}
		data := secret.Data
		if data == nil {
			data = map[string][]byte{}
		}
		for key, value := range secret.StringData {
			data[key] = []byte(value)
		}
		secrets[secret.Name] = data
	}
	return nil
}
