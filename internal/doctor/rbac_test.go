package doctor_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/peergate/peergate/internal/doctor"
)

// TestManagerRightsAreThoseThatAreShipped: the doctor looks for what config/rbac gives, no less and no more.
func TestManagerRightsAreThoseThatAreShipped(t *testing.T) {
	var want, got []string
	for _, r := range doctor.ManagerRights("peergate-system") {
		got = append(got, r.String())
	}
	for _, role := range shippedRoles(t) {
		for _, rule := range role.Rules {
			want = append(want, rightsOf(rule, role.Namespace)...)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rights of the manager (-shipped +looked for):\n%s", diff)
	}
}

func rightsOf(rule rbacv1.PolicyRule, namespace string) (rights []string) {
	for _, group := range rule.APIGroups {
		for _, resource := range rule.Resources {
			on := resource
			if group != "" {
				on += "." + group
			}
			if len(rule.ResourceNames) > 0 {
				on += " named " + strings.Join(rule.ResourceNames, ", ")
			}
			if namespace != "" {
				on += " in namespace " + namespace
			}
			for _, verb := range rule.Verbs {
				rights = append(rights, verb+" "+on)
			}
		}
	}
	return rights
}

// shippedRoles are the Roles and ClusterRoles of the manager.
func shippedRoles(t *testing.T) (roles []rbacv1.Role) {
	t.Helper()
	for _, name := range []string{"manager_cluster_role.yaml", "manager_roles.yaml"} {
		file, err := os.Open(filepath.Join("..", "..", "config", "rbac", name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		documents := yaml.NewYAMLReader(bufio.NewReader(file))
		for {
			document, err := documents.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			var role rbacv1.Role
			if err := sigsyaml.Unmarshal(document, &role); err != nil {
				t.Fatal(err)
			}
			if role.Kind == "Role" || role.Kind == "ClusterRole" {
				roles = append(roles, role)
			}
		}
	}
	return roles
}
