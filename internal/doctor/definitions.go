package doctor

import (
	"fmt"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/peergate/peergate/api/v1alpha1"
)

// definitionNames are the CustomResourceDefinitions of Peergate.
var definitionNames = []string{"bgprouters.peergate.dev", "peeringpolicies.peergate.dev"}

// definitions looks for definitions that are missing, or of another version than this command knows.
func definitions(f Facts) ([]Finding, error) {
	present, err := f.Definitions.Get()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, name := range definitionNames {
		i := slices.IndexFunc(present, func(d apiextensionsv1.CustomResourceDefinition) bool { return d.Name == name })
		if what := definitionProblem(present, i); what != "" {
			found = append(found, Finding{
				Level: Problem, Message: fmt.Sprintf("CustomResourceDefinition %s %s", name, what),
				Fix: "Apply the definitions of the version that is installed.", Commands: []string{"kubectl apply -k config/crd"},
			})
		}
	}
	return found, nil
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
