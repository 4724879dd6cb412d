// Package crd holds the CustomResourceDefinitions of this version of Peergate, as they are shipped.
package crd

import (
	"embed"
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

//go:embed bases
var bases embed.FS

// Definitions are those of all kinds, in the order of their names.
func Definitions() ([]apiextensionsv1.CustomResourceDefinition, error) {
	const dir = "bases"
	files, err := bases.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("listing the shipped definitions: %w", err)
	}
	all := make([]apiextensionsv1.CustomResourceDefinition, len(files))
	for i, file := range files {
		content, err := bases.ReadFile(dir + "/" + file.Name())
		if err != nil {
			return nil, fmt.Errorf("reading the shipped definitions: %w", err)
		}
		if err := yaml.UnmarshalStrict(content, &all[i]); err != nil {
			return nil, fmt.Errorf("reading the shipped definition %s: %w", file.Name(), err)
		}
	}
	return all, nil
}
