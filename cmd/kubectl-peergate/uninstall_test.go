package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// TestUninstallKnowsTheTaint: with another key than the manager's the taints would stay, and nobody would say so.
func TestUninstallKnowsTheTaint(t *testing.T) {
	own := corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}
	refused := interceptor.Funcs{Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
		return errors.New("you may not")
	}}
	tests := map[string]struct {
		args    []string
		funcs   interceptor.Funcs
		problem string
	}{
		"the same":           {args: []string{"--taint=bgp-unpeered:NoSchedule"}},
		"the default":        {},
		"the key is what is": {args: []string{"--taint=bgp-unpeered=x:NoExecute"}},
		"another":            {args: []string{"--taint=example.net/unpeered:NoSchedule"}, problem: "give --taint=example.net/unpeered:NoSchedule here too"},
		"nobody may tell":    {args: []string{"--taint=example.net/unpeered:NoSchedule"}, funcs: refused},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			manager := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "peergate-system", Name: "peergate-manager"}}
			manager.Spec.Template.Spec.Containers = []corev1.Container{{Name: "manager", Args: test.args}}
			reader := fake.NewClientBuilder().WithObjects(manager).WithInterceptorFuncs(test.funcs).Build()
			err := sameTaint(t.Context(), reader, "peergate-system", own)
			if (err != nil) != (test.problem != "") || err != nil && !strings.Contains(err.Error(), test.problem) {
				t.Errorf("the error is %v, want %q", err, test.problem)
			}
		})
	}
	if err := sameTaint(t.Context(), fake.NewClientBuilder().Build(), "peergate-system", own); err != nil {
		t.Errorf("without a manager: %v", err)
	}
}

// TestOwnTaint is the manager's unless somebody says another.
func TestOwnTaint(t *testing.T) {
	manager := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "peergate-system", Name: "peergate-manager"}}
	manager.Spec.Template.Spec.Containers = []corev1.Container{{Name: "manager", Args: []string{"--taint=example.net/unpeered=bgp:NoExecute"}}}
	with, without := fake.NewClientBuilder().WithObjects(manager).Build(), fake.NewClientBuilder().Build()
	tests := map[string]struct {
		reader     client.Reader
		said, want string
	}{
		"the manager's": {with, "", "example.net/unpeered=bgp:NoExecute"},
		"no manager":    {without, "", "bgp-unpeered:NoSchedule"},
		"another":       {with, "example.net/other:NoSchedule", "example.net/other:NoSchedule"},
	}
	for name, test := range tests {
		c := &cluster{namespace: "peergate-system", taint: test.said}
		for range 2 { // it stays what it was, also where nothing can be read any more
			if got, err := c.ownTaint(t.Context(), test.reader); err != nil || got.ToString() != test.want {
				t.Errorf("%s: it is %s, %v; want %s", name, got.ToString(), err, test.want)
			}
			test.reader = without
		}
	}
}
