package story

import (
	"context"
	"errors"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// NodeEditor returns a client with the identity of a person who may do everything with Nodes and nothing else, but for
// what further cluster roles allow.
func (s *Story) NodeEditor(name string, clusterRoles ...string) client.Client {
	s.Helper()
	role := s.ID + "-node-editor-" + name
	s.Create(&rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: role},
		Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{corev1.GroupName}, Resources: []string{"nodes", "nodes/status"}, Verbs: []string{rbacv1.VerbAll},
		}},
	})
	// Bindings become known in the order they were made: once the last is, all are.
	c := s.User(name, append(clusterRoles, role)...)
	s.Eventually(name+" may edit Nodes", func(ctx context.Context) error {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{Resource: "nodes", Verb: "patch"},
		}}
		if err := c.Create(ctx, review); err != nil {
			return err
		}
		if !review.Status.Allowed {
			return errors.New("the API server does not know it yet")
		}
		return nil
	})
	return c
}

// PatchNode changes a node with a client's identity, and leaves alone what change does not touch.
func (s *Story) PatchNode(c client.Client, node string, change func(*corev1.Node)) error {
	s.Helper()
	old := s.Node(node)
	changed := old.DeepCopy()
	change(changed)
	return c.Patch(s.Context(), changed, client.MergeFrom(old))
}

// PatchNodeStatus is PatchNode through the subresource status, which takes annotations too.
func (s *Story) PatchNodeStatus(c client.Client, node string, change func(*corev1.Node)) error {
	s.Helper()
	old := s.Node(node)
	changed := old.DeepCopy()
	change(changed)
	return c.Status().Patch(s.Context(), changed, client.MergeFrom(old))
}

// Annotate sets an annotation of a node.
func Annotate(key, value string) func(*corev1.Node) {
	return func(n *corev1.Node) { metav1.SetMetaDataAnnotation(&n.ObjectMeta, key, value) }
}

// Unannotate removes an annotation of a node.
func Unannotate(key string) func(*corev1.Node) {
	return func(n *corev1.Node) { delete(n.Annotations, key) }
}
