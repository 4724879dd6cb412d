// Package connect makes the client of a router from its BGPRouter and its Secret. Making one sends nothing.
package connect

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/httpapi"
	"github.com/peergate/peergate/routerclient/platform"
	"github.com/peergate/peergate/routerclient/snmpwalk"
	"github.com/peergate/peergate/routerclient/sshexec"
)

// The keys of a router's Secret, besides those of Kubernetes' own Secret types kubernetes.io/basic-auth ("username",
// "password") and kubernetes.io/ssh-auth ("ssh-privatekey").
const (
	// SecretKnownHosts holds the router's SSH host key, in the format of OpenSSH's known_hosts.
	SecretKnownHosts = "known_hosts"
	// SecretToken is sent over HTTPS in place of a user name and a password.
	SecretToken = "token"
	// SecretCA holds the authorities that may have issued the router's TLS certificate, in PEM form.
	SecretCA = "ca.crt"
	// SecretFingerprint is the SHA-256 of the router's TLS certificate.
	SecretFingerprint = "tls_fingerprint"
	// SecretAuthPassword and SecretPrivPassword are the passwords of SNMPv3's user-based security model (RFC 3414), and
	// SecretAuthProtocol and SecretPrivProtocol their protocols, SHA-256 and AES if left out.
	SecretAuthPassword = "auth_password"
	SecretPrivPassword = "priv_password"
	SecretAuthProtocol = "auth_protocol"
	SecretPrivProtocol = "priv_protocol"
)

// Runner returns what carries commands to the router. The error names the field or the key that is at fault, and holds
// no secret.
func Runner(spec v1alpha1.BGPRouterSpec, secret map[string][]byte) (routerclient.Runner, error) {
	p, transport, err := lookup(spec)
	if err != nil {
		return nil, err
	}
	switch transport {
	case platform.HTTPS:
		return httpapi.New(httpapi.Config{
			Address:     spec.Address,
			Username:    string(secret[corev1.BasicAuthUsernameKey]),
			Password:    string(secret[corev1.BasicAuthPasswordKey]),
			Token:       string(secret[SecretToken]),
			CA:          secret[SecretCA],
			Fingerprint: string(secret[SecretFingerprint]),
		})
	case platform.SNMP:
		return snmpwalk.New(snmpwalk.Config{
			Address:      spec.Address,
			Username:     string(secret[corev1.BasicAuthUsernameKey]),
			AuthPassword: string(secret[SecretAuthPassword]),
			PrivPassword: string(secret[SecretPrivPassword]),
			AuthProtocol: string(secret[SecretAuthProtocol]),
			PrivProtocol: string(secret[SecretPrivProtocol]),
		})
	default:
		return sshexec.New(sshexec.Config{
			Address:                 spec.Address,
			Username:                string(secret[corev1.BasicAuthUsernameKey]),
			Password:                string(secret[corev1.BasicAuthPasswordKey]),
			PrivateKey:              secret[corev1.SSHAuthPrivateKey],
			KnownHosts:              secret[SecretKnownHosts],
			LegacyAlgorithms:        spec.LegacyAlgorithms,
			OneCommandPerConnection: p.OneCommandPerConnection,
		})
	}
}

// Client returns the client that asks a router of the spec's platform through the runner.
func Client(spec v1alpha1.BGPRouterSpec, runner routerclient.Runner) (routerclient.Client, error) {
	p, transport, err := lookup(spec)
	if err != nil {
		return nil, err
	}
	return p.New(runner, platform.Options{CommandPrefix: spec.CommandPrefix, VRF: spec.VRF, Transport: transport}), nil
}

// Router returns the client of a router.
func Router(router *v1alpha1.BGPRouter, secret *corev1.Secret) (routerclient.Client, error) {
	runner, err := Runner(router.Spec, secret.Data)
	if err != nil {
		return nil, err
	}
	return Client(router.Spec, runner)
}

func lookup(spec v1alpha1.BGPRouterSpec) (platform.Platform, platform.Transport, error) {
	p, ok := platform.Lookup(spec.Platform)
	if !ok {
		return p, "", routerclient.Errorf(routerclient.ReasonPlatformUnknown,
			"spec.platform: %q is not one of %s", spec.Platform, strings.Join(platform.Names(), ", "))
	}
	transport, ok := p.Transport(spec.Transport)
	if !ok {
		return p, "", routerclient.Errorf(routerclient.ReasonPlatformUnknown,
			"spec.transport: %s cannot be reached over %q", spec.Platform, spec.Transport)
	}
	return p, transport, nil
}
