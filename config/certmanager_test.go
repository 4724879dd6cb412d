package config_test

import (
	"slices"
	"testing"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	injectCAFrom = "cert-manager.io/inject-ca-from"
	// certificateFolder is the default of the manager's flag --webhook-cert-dir.
	certificateFolder = "/var/run/peergate/webhook-cert"
)

func TestCertificateNamesTheServices(t *testing.T) {
	all := render(t, "default")
	certificate := find[*certmanagerv1.Certificate](t, all, "peergate-webhook-cert")
	for _, name := range []string{"peergate-webhook", "peergate-metrics"} {
		service := find[*corev1.Service](t, all, name)
		// The API server calls a webhook by this name of its Service, and by no longer one.
		host := service.Name + "." + service.Namespace + ".svc"
		if !slices.Contains(certificate.Spec.DNSNames, host) {
			t.Errorf("the certificate is for %v, and not for %s", certificate.Spec.DNSNames, host)
		}
	}
}

func TestCertificateIsSignedByAnAuthorityThatOutlivesIt(t *testing.T) {
	all := render(t, "default")
	leaf := find[*certmanagerv1.Certificate](t, all, "peergate-webhook-cert")
	issuer := find[*certmanagerv1.Issuer](t, all, leaf.Spec.IssuerRef.Name)
	authority := find[*certmanagerv1.Certificate](t, all, "peergate-ca")
	root := find[*certmanagerv1.Issuer](t, all, authority.Spec.IssuerRef.Name)
	if issuer.Spec.CA == nil || issuer.Spec.CA.SecretName != authority.Spec.SecretName {
		t.Errorf("issuer %s does not sign with the Secret of Certificate %s", issuer.Name, authority.Name)
	}
	if !authority.Spec.IsCA || root.Spec.SelfSigned == nil {
		t.Errorf("Certificate %s is no self-signed authority", authority.Name)
	}
	if authority.Spec.Duration.Duration < 10*leaf.Spec.Duration.Duration {
		t.Errorf("the authority lasts %s, its certificate %s", authority.Spec.Duration.Duration, leaf.Spec.Duration.Duration)
	}
	for _, c := range []*certmanagerv1.Certificate{leaf, authority} {
		if c.Spec.PrivateKey.Algorithm != certmanagerv1.ECDSAKeyAlgorithm {
			t.Errorf("key of %s is %s, want ECDSA", c.Name, c.Spec.PrivateKey.Algorithm)
		}
	}
}

func TestWebhooksTrustTheCertificate(t *testing.T) {
	all := render(t, "default")
	certificate := find[*certmanagerv1.Certificate](t, all, "peergate-webhook-cert")
	want := certificate.Namespace + "/" + certificate.Name
	for _, configuration := range []metav1.Object{
		find[*admissionv1.MutatingWebhookConfiguration](t, all, "peergate"),
		find[*admissionv1.ValidatingWebhookConfiguration](t, all, "peergate"),
	} {
		if got := configuration.GetAnnotations()[injectCAFrom]; got != want {
			t.Errorf("%T takes its CA from %q, want %q", configuration, got, want)
		}
	}
}

func TestManagerReadsTheCertificate(t *testing.T) {
	all := render(t, "default")
	pod := managerOf(t, all).Spec.Template.Spec
	mounts := pod.Containers[0].VolumeMounts
	i := slices.IndexFunc(mounts, func(m corev1.VolumeMount) bool { return m.MountPath == certificateFolder })
	if i < 0 {
		t.Fatalf("nothing is mounted at %s", certificateFolder)
	}
	j := slices.IndexFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == mounts[i].Name })
	want := find[*certmanagerv1.Certificate](t, all, "peergate-webhook-cert").Spec.SecretName
	if j < 0 || pod.Volumes[j].Secret == nil || pod.Volumes[j].Secret.SecretName != want {
		t.Errorf("the volume at %s is not Secret %s", certificateFolder, want)
	}
}
