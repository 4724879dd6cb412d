// Package v1alpha1 is the API of Peergate: the routers that are asked about BGP sessions, and the policies that say
// what a node needs from them before it may take pods.
//
// +kubebuilder:object:generate=true
// +groupName=peergate.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of the objects in this package.
var GroupVersion = schema.GroupVersion{Group: "peergate.dev", Version: "v1alpha1"}

var schemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

// AddToScheme adds the types of this package to a scheme.
var AddToScheme = schemeBuilder.AddToScheme

func addKnownTypes(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion, &BGPRouter{}, &BGPRouterList{}, &PeeringPolicy{}, &PeeringPolicyList{})
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
}
