package connect_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/connect"
	"github.com/peergate/peergate/routerclient"
)

const hostKey = "192.0.2.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// TestRouter makes clients of what a BGPRouter and its Secret say. An error names the field or the key at fault.
func TestRouter(t *testing.T) {
	for name, test := range map[string]struct {
		spec   v1alpha1.BGPRouterSpec
		secret map[string]string
		reason routerclient.Reason // "" for a client
		words  string
	}{
		"SSH": {v1alpha1.BGPRouterSpec{Platform: "FRR"}, map[string]string{
			"username": "peergate", "password": "hunter22", "known_hosts": hostKey,
		}, "", ""},
		"SSH without a host key": {v1alpha1.BGPRouterSpec{Platform: "FRR"}, map[string]string{
			"username": "peergate", "password": "hunter22",
		}, routerclient.ReasonCredentialsInvalid, `key "known_hosts" of the Secret`},
		"SSH, with what HTTPS needs": {v1alpha1.BGPRouterSpec{Platform: "RouterOS", Transport: "SSH"}, map[string]string{
			"username": "peergate", "token": "hunter22", "known_hosts": hostKey,
		}, routerclient.ReasonCredentialsInvalid, `neither key "password" nor key "ssh-privatekey"`},
		"HTTPS with a token": {v1alpha1.BGPRouterSpec{Platform: "FortiOS"}, map[string]string{"token": "hunter22"}, "", ""},
		"HTTPS is not SSH": {v1alpha1.BGPRouterSpec{Platform: "FortiOS"}, map[string]string{
			"ssh-privatekey": "hunter22", "known_hosts": hostKey,
		}, routerclient.ReasonCredentialsInvalid, `neither key "token" nor keys "username" and "password"`},
		"SNMP": {v1alpha1.BGPRouterSpec{Platform: "SNMP"}, map[string]string{
			"username": "peergate", "auth_password": "hunter22", "priv_password": "hunter22", "auth_protocol": "SHA-512", "priv_protocol": "AES-256-C",
		}, "", ""},
		"SNMP, with a password for all": {v1alpha1.BGPRouterSpec{Platform: "SNMP"}, map[string]string{
			"username": "peergate", "password": "hunter22",
		}, routerclient.ReasonCredentialsInvalid, `no key "auth_password"`},
		"SNMP without privacy": {v1alpha1.BGPRouterSpec{Platform: "SNMP"}, map[string]string{
			"username": "peergate", "auth_password": "hunter22", "priv_password": "hunter22", "priv_protocol": "DES",
		}, routerclient.ReasonCredentialsInvalid, `key "priv_protocol" of the Secret: want AES`},
		"a platform that is not known": {v1alpha1.BGPRouterSpec{Platform: "Abacus"}, nil, routerclient.ReasonPlatformUnknown, `spec.platform: "Abacus" is not one of`},
		"a way that leads nowhere":     {v1alpha1.BGPRouterSpec{Platform: "FRR", Transport: "SNMP"}, nil, routerclient.ReasonPlatformUnknown, `spec.transport: FRR cannot be reached over "SNMP"`},
	} {
		t.Run(name, func(t *testing.T) {
			test.spec.Address, test.spec.VRF = "192.0.2.1", routerclient.DefaultVRF
			secret := &corev1.Secret{Data: map[string][]byte{}}
			for key, value := range test.secret {
				secret.Data[key] = []byte(value)
			}
			client, err := connect.Router(&v1alpha1.BGPRouter{Spec: test.spec}, secret)
			if test.reason == "" {
				if err != nil {
					t.Fatal(err)
				}
				if err := client.Close(); err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || client != nil {
				t.Fatalf("client %v, error %v, want an error alone", client, err)
			}
			if got := routerclient.ReasonOf(err); got != test.reason || !strings.Contains(err.Error(), test.words) {
				t.Errorf("error %q with reason %s, want %q with %s", err, got, test.words, test.reason)
			}
			if strings.Contains(err.Error(), "hunter22") {
				t.Errorf("error %q holds a secret", err)
			}
		})
	}
}
