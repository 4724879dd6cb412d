package story

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/install"
)

// ChangeRouter edits the spec of a BGPRouter, as a person does.
func (s *Story) ChangeRouter(name string, change func(*v1alpha1.BGPRouterSpec)) {
	s.Helper()
	r := &v1alpha1.BGPRouter{ObjectMeta: metav1.ObjectMeta{Name: name}}
	s.change(r, func() { change(&r.Spec) })
}

// ChangePolicy edits the spec of a PeeringPolicy.
func (s *Story) ChangePolicy(name string, change func(*v1alpha1.PeeringPolicySpec)) {
	s.Helper()
	p := &v1alpha1.PeeringPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}}
	s.change(p, func() { change(&p.Spec) })
}

// ChangeSecret edits the Secret of a router.
func (s *Story) ChangeSecret(name string, change func(map[string][]byte)) {
	s.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: name}}
	s.change(secret, func() { change(secret.Data) })
}

// change reads an object, edits it and writes what differs.
func (s *Story) change(o client.Object, edit func()) {
	s.Helper()
	if err := s.Client.Get(s.Context(), client.ObjectKeyFromObject(o), o); err != nil {
		s.Fatal(err)
	}
	old := o.DeepCopyObject().(client.Object)
	edit()
	if err := s.Client.Patch(s.Context(), o, client.MergeFrom(old)); err != nil {
		s.Fatal(err)
	}
}

// Delete deletes an object now.
func (s *Story) Delete(o client.Object) {
	s.Helper()
	if err := s.Client.Delete(s.Context(), o); err != nil {
		s.Fatal(err)
	}
}
