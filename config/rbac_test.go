package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

// granted are the verbs of a role, by what they are granted on: group/resource, and :name where a rule has names.
type granted map[string][]string

func verbsOf(rules []rbacv1.PolicyRule) granted {
	verbs := granted{}
	for _, rule := range rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				on := group + "/" + resource
				if len(rule.ResourceNames) > 0 {
					on += ":" + strings.Join(rule.ResourceNames, ",")
				}
				verbs[on] = append(verbs[on], rule.Verbs...)
			}
		}
	}
	return verbs
}

func TestManagerHasTheseRightsAndNoOthers(t *testing.T) {
	all := render(t, "default")
	tests := map[string]struct {
		rules []rbacv1.PolicyRule
		want  granted
	}{
		"in the cluster": {
			rules: find[*rbacv1.ClusterRole](t, all, "peergate-manager").Rules,
			want: granted{
				"/nodes":                              {"list", "watch", "patch"},
				"/nodes/status":                       {"patch"},
				"apps/daemonsets":                     {"list", "watch"},
				"events.k8s.io/events":                {"create", "patch"},
				"peergate.dev/bgprouters":             {"list", "watch"},
				"peergate.dev/bgprouters/status":      {"patch"},
				"peergate.dev/peeringpolicies":        {"list", "watch", "exempt"},
				"peergate.dev/peeringpolicies/status": {"patch"},
				"apiextensions.k8s.io/customresourcedefinitions:peeringpolicies.peergate.dev": {"get"},
				"authorization.k8s.io/subjectaccessreviews":                                   {"create"},
				"authentication.k8s.io/tokenreviews":                                          {"create"},
			},
		},
		"in its namespace": {
			rules: find[*rbacv1.Role](t, all, "peergate-manager").Rules,
			want: granted{
				"/secrets":                   {"list", "watch"},
				"/events":                    {"create"},
				"coordination.k8s.io/leases": {"create"},
				"coordination.k8s.io/leases:peergate-manager": {"get", "update"},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, verbsOf(test.rules)); diff != "" {
				t.Errorf("rights of the manager (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoRoleHasAWildcard(t *testing.T) {
	for _, object := range render(t, "default") {
		var rules []rbacv1.PolicyRule
		switch role := object.(type) {
		case *rbacv1.ClusterRole:
			rules = role.Rules
		case *rbacv1.Role:
			rules = role.Rules
		}
		for _, rule := range rules {
			words := slices.Concat(rule.APIGroups, rule.Resources, rule.Verbs, rule.NonResourceURLs)
			if strings.Contains(strings.Join(words, " "), "*") {
				t.Errorf("%s grants a wildcard: %v", object.GetName(), rule)
			}
		}
	}
}

func TestEveryBindingNamesARoleAndTheManager(t *testing.T) {
	all := render(t, "default")
	account := rbacv1.Subject{
		Kind:      rbacv1.ServiceAccountKind,
		Name:      find[*corev1.ServiceAccount](t, all, "peergate-manager").Name,
		Namespace: namespace,
	}
	for _, object := range all {
		switch binding := object.(type) {
		case *rbacv1.ClusterRoleBinding:
			find[*rbacv1.ClusterRole](t, all, binding.RoleRef.Name)
			checkSubjects(t, binding.Name, binding.Subjects, account)
		case *rbacv1.RoleBinding:
			role := find[*rbacv1.Role](t, all, binding.RoleRef.Name)
			if role.Namespace != binding.Namespace {
				t.Errorf("RoleBinding %s is in namespace %s, its Role in %s", binding.Name, binding.Namespace, role.Namespace)
			}
			checkSubjects(t, binding.Name, binding.Subjects, account)
		}
	}
}

func checkSubjects(t *testing.T, binding string, got []rbacv1.Subject, want rbacv1.Subject) {
	t.Helper()
	if !slices.Equal(got, []rbacv1.Subject{want}) {
		t.Errorf("binding %s is for %v, want %v alone", binding, got, want)
	}
}
