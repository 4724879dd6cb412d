package config_test

import (
	"testing"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
)

func TestSpeakersAreChangedAsDesigned(t *testing.T) {
	all := render(t, "testdata/tolerate-speakers")
	configuration := find[*admissionv1.MutatingWebhookConfiguration](t, all, "peergate-speakers")
	certificate := find[*certmanagerv1.Certificate](t, all, "peergate-webhook-cert")
	if got, want := configuration.Annotations[injectCAFrom], certificate.Namespace+"/"+certificate.Name; got != want {
		t.Errorf("takes its CA from %q, want %q", got, want)
	}
	if n := len(configuration.Webhooks); n != 1 {
		t.Fatalf("%d webhooks, want 1", n)
	}
	w := configuration.Webhooks[0]
	got := newWebhook(admissionv1.ValidatingWebhook{
		ClientConfig: w.ClientConfig, Rules: w.Rules, FailurePolicy: w.FailurePolicy, TimeoutSeconds: w.TimeoutSeconds,
		SideEffects: w.SideEffects, MatchPolicy: w.MatchPolicy, AdmissionReviewVersions: w.AdmissionReviewVersions,
		MatchConditions: w.MatchConditions,
	})
	want := webhook{
		Path: "/mutate-apps-v1-daemonset", FailurePolicy: ignore, TimeoutSeconds: 2,
		Rules:       rule("apps", "v1", "daemonsets", admissionv1.Create, admissionv1.Update),
		SideEffects: admissionv1.SideEffectClassNone, MatchPolicy: admissionv1.Equivalent, Versions: []string{"v1"},
		Conditions: []string{"looks-like-a-speaker"},
		Service:    *webhooksOf(t, all)["node-taint.peergate.dev"].service("/mutate-apps-v1-daemonset"),
	}
	want.Rules[0].Scope = new(admissionv1.NamespacedScope)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("webhook (-want +got):\n%s", diff)
	}
	if *w.ReinvocationPolicy != admissionv1.IfNeededReinvocationPolicy {
		t.Error("the webhook is not called again after a later mutation")
	}
}

// service is the Service of a webhook, at another path.
func (w webhook) service(path string) *admissionv1.ServiceReference {
	other := w.Service
	other.Path = &path
	return &other
}
