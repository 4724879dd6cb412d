package doctor

import (
	"fmt"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/config/crd"
)

// definitions looks for definitions that are missing, or that are not those that this command knows.
func definitions(f Facts) ([]Finding, error) {
	present, err := f.Definitions.Get()
	if err != nil {
		return nil, err
	}
	shipped, err := crd.Definitions()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for i := range shipped {
		name := shipped[i].Name
		at := slices.IndexFunc(present, func(d apiextensionsv1.CustomResourceDefinition) bool { return d.Name == name })
		if what := definitionProblem(present, at); what != "" {
			found = append(found, Finding{
				Level: Problem, Message: fmt.Sprintf("CustomResourceDefinition %s %s", name, what),
				Fix: "Apply the definitions of the version that is installed.", Commands: []string{"kubectl apply -k config/crd"},
			})
			continue
		}
		d, err := differing(schemaOf(&present[at]), schemaOf(&shipped[i]))
		if err != nil {
			return found, err
		}
		found = append(found, d.findings(name)...)
	}
	return found, nil
}

// schemaOf is that of the version that this command knows.
func schemaOf(d *apiextensionsv1.CustomResourceDefinition) *apiextensionsv1.JSONSchemaProps {
	for i := range d.Spec.Versions {
		if v := &d.Spec.Versions[i]; v.Name == v1alpha1.GroupVersion.Version && v.Schema != nil {
			return v.Schema.OpenAPIV3Schema
		}
	}
	return nil
}

// findings tell of a definition of another release under the same version: what it does not know the API server drops
// from what people write, without a word to those who do not ask for one.
func (d difference) findings(name string) []Finding {
	var words []string
	for _, part := range []struct {
		verb   string
		fields []string
	}{{"lacks", d.lacking}, {"requires something else of", d.other}, {"has besides", d.unknown}} {
		if len(part.fields) > 0 {
			words = append(words, part.verb+" "+some("field", part.fields))
		}
	}
	if len(words) == 0 {
		return nil
	}
	finding := Finding{
		Level: Warning, Message: "CustomResourceDefinition " + name + " is of another release than this command: it " + strings.Join(words, ", and "),
		Fix: "If the manager is of this command's release, apply its definitions too: kubectl peergate version tells. If it is of " +
			"another, use the command of that release.",
		Commands: []string{"kubectl peergate version", "kubectl apply -k config/crd"},
	}
	if len(d.lacking)+len(d.other) == 0 {
		finding.Level, finding.Fix, finding.Commands = Note, "Use the command of the manager's release.", []string{"kubectl peergate version"}
	}
	return []Finding{finding}
}

func definitionProblem(all []apiextensionsv1.CustomResourceDefinition, i int) string {
	if i < 0 {
		return "is missing"
	}
	d := &all[i]
	established := slices.ContainsFunc(d.Status.Conditions, func(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
		return c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue
	})
	version := v1alpha1.GroupVersion.Version
	served := slices.ContainsFunc(d.Spec.Versions, func(v apiextensionsv1.CustomResourceDefinitionVersion) bool {
		return v.Name == version && v.Served
	})
	switch {
	case !established:
		return "is not established"
	case !served:
		return "does not serve version " + version
	case slices.ContainsFunc(d.Status.StoredVersions, func(stored string) bool { return !defines(d, stored) }):
		return fmt.Sprintf("has objects stored in a version that it does not define: %v", d.Status.StoredVersions)
	}
	return ""
}

func defines(d *apiextensionsv1.CustomResourceDefinition, version string) bool {
	return slices.ContainsFunc(d.Spec.Versions, func(v apiextensionsv1.CustomResourceDefinitionVersion) bool { return v.Name == version })
}
