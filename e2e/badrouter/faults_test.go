package badrouter_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/routertest"
)

const (
	wrongPassword = "not-the-password-81f2c7"
	unparsableKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90LXJlYWxseS1hLWtleS1idXQtc2VjcmV0LWFsbC10aGUtc2FtZQ\n"
)

type fault struct {
	breakage
	unknown
	// polled is true if the router sees each poll, so that they can be counted.
	polled bool
}

// faults are all the ways in which a router may be unreadable, except for a platform that nothing knows.
func faults(t *testing.T) map[string]fault {
	otherKey := routertest.NewKey()
	otherHost := knownhosts.Line([]string{"192.0.2.1"}, otherKey.PublicKey())
	return map[string]fault{
		"no Secret": {deletedSecret(),
			unknown{routerclient.ReasonCredentialsInvalid, []string{"spec.credentialsSecretRef", "there is no Secret", "peergate-system"}}, false},
		"no username": {secretWith(map[string]string{"username": ""}),
			unknown{routerclient.ReasonCredentialsInvalid, []string{`no key "username"`}}, false},
		"no password": {secretWith(map[string]string{"password": ""}),
			unknown{routerclient.ReasonCredentialsInvalid, []string{`neither key "password" nor key "ssh-privatekey"`}}, false},
		"unparsable private key": {secretWith(map[string]string{"ssh-privatekey": unparsableKey}),
			unknown{routerclient.ReasonCredentialsInvalid, []string{`key "ssh-privatekey" of the Secret`}}, false},
		"no known_hosts": {secretWith(map[string]string{"known_hosts": ""}),
			unknown{routerclient.ReasonCredentialsInvalid, []string{`key "known_hosts" of the Secret`, "ssh-keyscan"}}, false},
		"known_hosts of another router": {secretWith(map[string]string{"known_hosts": otherHost}),
			unknown{routerclient.ReasonHostKeyUnknown, []string{"known_hosts has no entry", "ssh-ed25519 SHA256:", "ssh-keyscan -p "}}, true},
		"wrong host key": {restartedWith(func(o *routertest.Options) { o.HostKeys = []ssh.Signer{otherKey} }),
			unknown{routerclient.ReasonHostKeyMismatch, []string{
				"host key mismatch", ssh.FingerprintSHA256(otherKey.PublicKey()), "change known_hosts only if"}}, true},
		"wrong password": {secretWith(map[string]string{"password": wrongPassword}),
			unknown{routerclient.ReasonAuthenticationFailed, []string{`as "peergate"`, "the router refused password"}}, false},
		"private key where a password is wanted": {secretWith(map[string]string{"password": "", "ssh-privatekey": newPrivateKey(t)}),
			unknown{routerclient.ReasonAuthenticationFailed, []string{`as "peergate"`, "the Secret has nothing for the methods that the router accepts: password"}}, false},
		"unreachable": {switchedOff(),
			unknown{routerclient.ReasonUnreachable, []string{"connecting to 127.0.0.1:", "connection refused"}}, false},
		"silent": {restartedWith(func(o *routertest.Options) { o.Faults.Silent = true }),
			unknown{routerclient.ReasonTimeout, []string{"exchanging keys with 127.0.0.1:", "spec.poll.timeout is 3s"}}, true},
		"command without end": {answering(withoutEnd),
			unknown{routerclient.ReasonTimeout, []string{"vtysh", "spec.poll.timeout is 3s"}}, true},
		"bgpd not running": {saying("bgpd is not running\n", "", 1),
			unknown{routerclient.ReasonBGPNotRunning, []string{"bgpd is not running"}}, true},
		"permission denied": {saying("", "sh: 1: vtysh: Permission denied\n", 126),
			unknown{routerclient.ReasonPermissionDenied, []string{"the router refused", "vtysh: Permission denied"}}, true},
		"truncated": {answering(truncated),
			unknown{routerclient.ReasonAnswerTruncated, []string{"the JSON ends early"}}, true},
		"half a table": {answering(halfATable),
			unknown{routerclient.ReasonAnswerTruncated, []string{"1 neighbors where the router counts 2"}}, true},
		"10 MB of garbage": {answering(func([]byte) routertest.Handler { return routertest.Flood(10 << 20) }),
			unknown{routerclient.ReasonAnswerNotUnderstood, []string{"no JSON in the answer"}}, true},
		"garbage without end": {answering(func([]byte) routertest.Handler { return routertest.Flood(-1) }),
			unknown{routerclient.ReasonAnswerTooLarge, []string{"more than 16777216 bytes"}}, true},
	}
}

func newPrivateKey(t *testing.T) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block))
}

// TestFaults is invariant 2 against every way of being silent, with no grace for a lost session.
func TestFaults(t *testing.T) {
	for name, f := range faults(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newScene(t).endure(f)
		})
	}
}
