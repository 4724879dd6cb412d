package doctor

import (
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/peergate/peergate/internal/access"
)

// rbac looks for rights that the manager needs and has not.
func rbac(f Facts) ([]Finding, error) {
	lacking, err := f.Lacking.Get()
	if err != nil || len(lacking) == 0 {
		return nil, err
	}
	words := make([]string, 0, len(lacking))
	for _, r := range lacking {
		words = append(words, r.String())
	}
	what := " may not " + strings.Join(words, ", nor ")
	if len(lacking) == len(ManagerRights(f.Namespace)) {
		what = " has none of the rights that the manager needs"
	}
	return []Finding{{
		Level:   Problem,
		Message: "service account " + f.Namespace + "/" + managerName + what,
		Fix:     "Apply the roles and their bindings anew.", Commands: []string{"kubectl apply -k config/rbac"},
	}}, nil
}

// ManagerRights are those of config/rbac: what the manager needs where it is installed in a namespace.
func ManagerRights(namespace string) []access.Right {
	var rights []access.Right
	on := func(right access.Right, verbs ...string) {
		for _, verb := range verbs {
			right.Verb = verb
			rights = append(rights, right)
		}
	}
	add := func(group, resource, subresource, in string, verbs ...string) {
		on(access.Right{GroupResource: schema.GroupResource{Group: group, Resource: resource}, Subresource: subresource, Namespace: in}, verbs...)
	}
	lease := access.Right{GroupResource: schema.GroupResource{Group: "coordination.k8s.io", Resource: "leases"}, Namespace: namespace, Name: managerName}
	definition := access.Right{GroupResource: schema.GroupResource{Group: "apiextensions.k8s.io", Resource: "customresourcedefinitions"}, Name: "peeringpolicies.peergate.dev"}
	add("", "nodes", "", "", "list", "watch", "patch")
	add("", "nodes", "status", "", "patch")
	add("peergate.dev", "bgprouters", "", "", "list", "watch")
	add("peergate.dev", "peeringpolicies", "", "", "list", "watch", "exempt")
	add("peergate.dev", "bgprouters", "status", "", "patch")
	add("peergate.dev", "peeringpolicies", "status", "", "patch")
	add("authorization.k8s.io", "subjectaccessreviews", "", "", "create")
	add("authentication.k8s.io", "tokenreviews", "", "", "create")
	add("", "secrets", "", namespace, "list", "watch")
	add("coordination.k8s.io", "leases", "", namespace, "create")
	on(lease, "get", "update")
	on(definition, "get")
	add("", "events", "", namespace, "create")
	add("events.k8s.io", "events", "", "", "create", "patch")
	add("apps", "daemonsets", "", "", "list", "watch")
	return rights
}
