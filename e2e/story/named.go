package story

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
)

// Named is a change for Declare that gives the BGPRouter and its Secret a name of their own, for tests with more than
// one router.
func Named(name string) func(*v1alpha1.BGPRouter, *corev1.Secret) {
	return func(r *v1alpha1.BGPRouter, secret *corev1.Secret) {
		r.Name, secret.Name, r.Spec.CredentialsSecretRef.Name = name, name, name
	}
}

// OfLabel is a change for Declare that has the router take only those nodes of the test that carry a label besides.
func OfLabel(key, value string) func(*v1alpha1.BGPRouter, *corev1.Secret) {
	return func(r *v1alpha1.BGPRouter, _ *corev1.Secret) { r.Spec.NodeSelector.MatchLabels[key] = value }
}
