package doctor

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// serving finds the end of the webhooks' certificate: in its Secret, where that may be read, or else in what cert-manager
// says of it, which whoever may view a namespace can see.
func (s Source) serving(ctx context.Context) Seen[*ServingCertificate] {
	key := client.ObjectKey{Namespace: s.Namespace, Name: certificateName}
	secret := get(ctx, s.Client, key, &corev1.Secret{}, resource(corev1.GroupName, "secrets"))
	if secret.Value != nil {
		c, err := ofSecret(secret.Value)
		return Seen[*ServingCertificate]{c, err}
	}
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(schema.GroupVersionKind{Group: "cert-manager.io", Version: "v1", Kind: "Certificate"})
	issued := get(ctx, s.Client, key, object, resource("cert-manager.io", "certificates"))
	switch {
	case issued.Value != nil:
		c, err := ofCertificate(issued.Value)
		return Seen[*ServingCertificate]{c, err}
	case secret.Err != nil || issued.Err != nil:
		return Seen[*ServingCertificate]{Err: errors.Join(secret.Err, issued.Err)}
	default:
		return Seen[*ServingCertificate]{}
	}
}

func ofSecret(secret *corev1.Secret) (*ServingCertificate, error) {
	chain := secret.Data[corev1.TLSCertKey]
	block, _ := pem.Decode(chain)
	if block == nil {
		return nil, fmt.Errorf("reading Secret %s: %s is not in PEM form", secret.Name, corev1.TLSCertKey)
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading Secret %s: %w", secret.Name, err)
	}
	return &ServingCertificate{NotAfter: leaf.NotAfter, Source: "Secret " + secret.Name, Chain: chain}, nil
}

func ofCertificate(object *unstructured.Unstructured) (*ServingCertificate, error) {
	c := &ServingCertificate{Source: "cert-manager"}
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions") // another type is none
	for _, condition := range conditions {
		fields, _ := condition.(map[string]any)
		if fields["type"] == "Ready" && fields["status"] != "True" {
			c.NotReady = fmt.Sprint(fields["message"])
		}
	}
	notAfter, _, _ := unstructured.NestedString(object.Object, "status", "notAfter")
	if notAfter == "" {
		return nil, fmt.Errorf("cert-manager has not issued Certificate %s yet: %s", object.GetName(), c.NotReady)
	}
	var err error
	if c.NotAfter, err = time.Parse(time.RFC3339, notAfter); err != nil {
		return nil, fmt.Errorf("reading status.notAfter of Certificate %s: %w", object.GetName(), err)
	}
	return c, nil
}
