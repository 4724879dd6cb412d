package controlplane_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/cert"
)

// refusingWebhook serves an admission webhook that refuses everything in its name, and returns its address.
func refusingWebhook(t *testing.T, name string, pair tls.Certificate) string {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var review admissionv1.AdmissionReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		review.Response = &admissionv1.AdmissionResponse{
			UID: review.Request.UID, Result: &metav1.Status{Message: "refused by " + name},
		}
		// One call a connection, so that each call is balanced anew.
		w.Header().Set("Connection", "close")
		_ = json.NewEncoder(w).Encode(review)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func TestWebhookRegisteredByServiceIsCalled(t *testing.T) {
	ctx := t.Context()
	namespace(t, "hooks")
	ca, key, err := cert.GenerateSelfSignedCertKey("hook.hooks.svc", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(ca, key)
	if err != nil {
		t.Fatal(err)
	}
	registerWebhook(t, ca)
	create := func(ctx context.Context) error {
		_, err := admin(t).CoreV1().ConfigMaps("hooks").Create(ctx,
			&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}},
			metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err
	}
	answers := func(want string) func(context.Context) error {
		return func(ctx context.Context) error {
			err := create(ctx)
			if err == nil {
				return fmt.Errorf("created, want %q", want)
			}
			if !strings.Contains(err.Error(), want) {
				return fmt.Errorf("want %q: %w", want, err)
			}
			return nil
		}
	}

	eventually(t, "without backends", answers("no live backend"))
	one, two := refusingWebhook(t, "one", pair), refusingWebhook(t, "two", pair)
	cluster.Route("hooks", "hook", one, two)
	eventually(t, "first backend", answers("refused by one"))
	eventually(t, "second backend", answers("refused by two"))
	cluster.Route("hooks", "hook", "127.0.0.1:1", two)
	for range 3 {
		if err := answers("refused by two")(ctx); err != nil {
			t.Error(err)
		}
	}
}

func registerWebhook(t *testing.T, ca []byte) {
	t.Helper()
	ctx := t.Context()
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "hooks", Name: "hook"},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 443}}},
	}
	if _, err := admin(t).CoreV1().Services("hooks").Create(ctx, service, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	webhook := &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "hook"},
		Webhooks: []admissionregistrationv1.ValidatingWebhook{{
			Name: "hook.example.org",
			ClientConfig: admissionregistrationv1.WebhookClientConfig{
				Service:  &admissionregistrationv1.ServiceReference{Namespace: "hooks", Name: "hook"},
				CABundle: ca,
			},
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
				Rule: admissionregistrationv1.Rule{
					APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"configmaps"},
				},
			}},
			NamespaceSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: "hooks"}},
			SideEffects:             new(admissionregistrationv1.SideEffectClassNone),
			AdmissionReviewVersions: []string{"v1"},
			FailurePolicy:           new(admissionregistrationv1.Fail),
		}},
	}
	webhooks := admin(t).AdmissionregistrationV1().ValidatingWebhookConfigurations()
	if _, err := webhooks.Create(ctx, webhook, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = webhooks.Delete(context.WithoutCancel(ctx), "hook", metav1.DeleteOptions{}) })
}
