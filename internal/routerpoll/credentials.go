package routerpoll

import (
	"context"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/specchange"
	"github.com/peergate/peergate/routerclient"
)

// configure makes the client of a router anew if its spec or its Secret has changed. The error is already recorded as
// the router's failure.
func (r *Reconciler) configure(ctx context.Context, router *v1alpha1.BGPRouter, t *target) error {
	secret, err := r.secret(ctx, router.Spec.CredentialsSecretRef.Name)
	version := "missing"
	if secret != nil {
		version = fmt.Sprintf("%s/%s", secret.UID, secret.ResourceVersion)
	}
	spec := specchange.VersionOf(router)
	if t.client != nil && t.spec == spec && t.secret == version {
		return nil
	}
	t.close()
	if t.spec != spec {
		// What was heard may be another router's, or of another VRF.
		r.Table.Forget(router.Name)
	}
	if t.spec != spec || t.secret != version {
		t.failures, t.nextPoll, t.strayAt = 0, r.Clock.Now(), time.Time{}
	}
	t.spec, t.secret = spec, version
	if err == nil {
		t.client, err = r.Connect(router, secret)
	}
	if err != nil {
		r.fail(ctx, router, t, err)
	}
	return err
}

func (r *Reconciler) secret(ctx context.Context, name string) (*corev1.Secret, error) {
	var secret corev1.Secret
	err := r.Secrets.Get(ctx, types.NamespacedName{Namespace: r.Namespace, Name: name}, &secret)
	switch {
	case apierrors.IsNotFound(err):
		return nil, routerclient.Errorf(routerclient.ReasonCredentialsInvalid,
			"spec.credentialsSecretRef: there is no Secret %s in namespace %s", strconv.Quote(name), r.Namespace)
	case err != nil:
		return nil, routerclient.Errorf(routerclient.ReasonCredentialsInvalid, "reading Secret %s: %w", strconv.Quote(name), err)
	}
	return &secret, nil
}
