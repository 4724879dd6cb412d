package controlplane_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

func TestIdentities(t *testing.T) {
	namespace(t, "identity")
	account, err := cluster.ServiceAccount(t.Context(), "identity", "default")
	if err != nil {
		t.Fatal(err)
	}
	user, err := cluster.User("jane", "netops", "oncall")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		config *rest.Config
		want   []string // the user, then its groups
	}{
		{"user", user, []string{"jane", "netops", "oncall", "system:authenticated"}},
		{"service account", account, []string{
			"system:serviceaccount:identity:default",
			"system:serviceaccounts", "system:serviceaccounts:identity", "system:authenticated",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path, err := cluster.Kubeconfig(test.config)
			if err != nil {
				t.Fatal(err)
			}
			config, err := clientcmd.BuildConfigFromFlags("", path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, whoAmI(t, config)); diff != "" {
				t.Errorf("identity (-want +got):\n%s", diff)
			}
			if _, err := clientFor(t, config).CoreV1().Nodes().List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
				t.Errorf("listing nodes without a right to: %v, want forbidden", err)
			}
		})
	}
	if _, err := cluster.ServiceAccount(t.Context(), "identity", "none"); !apierrors.IsNotFound(err) {
		t.Errorf("token of a missing service account: %v, want not found", err)
	}
}

func whoAmI(t *testing.T, config *rest.Config) []string {
	t.Helper()
	review, err := clientFor(t, config).AuthenticationV1().SelfSubjectReviews().
		Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{review.Status.UserInfo.Username}, review.Status.UserInfo.Groups...)
}
