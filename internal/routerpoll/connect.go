package routerpoll

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/platform"
	"github.com/peergate/peergate/routerclient/sshexec"
)

// SecretKnownHosts is the key of a router's Secret that holds its host key, in the format of OpenSSH's known_hosts. The
// others are those of Kubernetes' own Secret types: kubernetes.io/basic-auth and kubernetes.io/ssh-auth.
const SecretKnownHosts = "known_hosts"

// Connect makes the client of a router from its spec and its Secret. It sends nothing yet. The error names the field or
// the key that is at fault, and holds no secret.
func Connect(router *v1alpha1.BGPRouter, secret *corev1.Secret) (routerclient.Client, error) {
	p, ok := platform.Lookup(router.Spec.Platform)
	if !ok {
		return nil, routerclient.Errorf(routerclient.ReasonPlatformUnknown,
			"spec.platform: %q is not one of %s", router.Spec.Platform, strings.Join(platform.Names(), ", "))
	}
	runner, err := sshexec.New(sshexec.Config{
		Address:                 router.Spec.Address,
		Username:                string(secret.Data[corev1.BasicAuthUsernameKey]),
		Password:                string(secret.Data[corev1.BasicAuthPasswordKey]),
		PrivateKey:              secret.Data[corev1.SSHAuthPrivateKey],
		KnownHosts:              secret.Data[SecretKnownHosts],
		LegacyAlgorithms:        router.Spec.LegacyAlgorithms,
		OneCommandPerConnection: p.OneCommandPerConnection,
	})
	if err != nil {
		return nil, err
	}
	return p.New(runner, platform.Options{CommandPrefix: router.Spec.CommandPrefix, VRF: router.Spec.VRF}), nil
}
