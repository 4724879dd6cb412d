package story

import (
	"net/netip"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// As returns a client with an identity.
func (s *Story) As(config *rest.Config) client.Client {
	s.Helper()
	c, err := client.New(config, client.Options{Scheme: Scheme()})
	if err != nil {
		s.Fatal(err)
	}
	return c
}

// Kubelet returns a client with the identity of a node's own kubelet.
func (s *Story) Kubelet(node string) client.Client {
	s.Helper()
	config, err := s.Cluster.Kubelet(node)
	if err != nil {
		s.Fatal(err)
	}
	return s.As(config)
}

// User returns a client with the identity of a person who is bound to the cluster roles.
func (s *Story) User(name string, clusterRoles ...string) client.Client {
	s.Helper()
	for _, role := range clusterRoles {
		s.Create(&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: s.ID + "-" + name + "-" + role},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}},
		})
	}
	config, err := s.Cluster.User(name)
	if err != nil {
		s.Fatal(err)
	}
	return s.As(config)
}

func addresses(t testing.TB, address string) []netip.Addr {
	t.Helper()
	if address == "" {
		return nil
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		t.Fatal(err)
	}
	return []netip.Addr{a}
}
