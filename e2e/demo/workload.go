package main

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var serviceLabels = map[string]string{"app": "traefik"}

func newService() *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: "traefik"},
		Spec: corev1.ServiceSpec{
			Type:                          corev1.ServiceTypeLoadBalancer,
			ExternalTrafficPolicy:         corev1.ServiceExternalTrafficPolicyLocal,
			AllocateLoadBalancerNodePorts: new(false),
			Selector:                      serviceLabels,
			Ports:                         []corev1.ServicePort{{Port: 80}},
		},
	}
}

// newDeployment wants its pods spread so that, with three nodes and three replicas, each node has one.
func newDeployment() *appsv1.Deployment {
	selector := &metav1.LabelSelector{MatchLabels: serviceLabels}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: "traefik"},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(len(nodes))),
			Selector: selector,
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: serviceLabels},
				Spec: corev1.PodSpec{
					Containers: []corev1.Container{{Name: "traefik", Image: "traefik:v3"}},
					TopologySpreadConstraints: []corev1.TopologySpreadConstraint{{
						MaxSkew: 1, TopologyKey: corev1.LabelHostname, WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: selector,
					}},
				},
			},
		},
	}
}
