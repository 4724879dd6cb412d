package sshexec

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/peergate/peergate/routerclient"
)

// hostKeys is what known_hosts says of one router.
type hostKeys struct {
	hosts      *knownHosts
	host, port string
}

// known is false if known_hosts has no entry for the router.
func (k hostKeys) known() bool { return len(k.hosts.of(k.host, k.port)) > 0 }

// algorithms returns the host key algorithms to ask for. A router with several host keys chooses among these: without
// the restriction it might show a key that known_hosts does not have, although it holds one that known_hosts has.
func (k hostKeys) algorithms(legacy bool) []string {
	accepted := ssh.SupportedAlgorithms().HostKeys
	if legacy {
		accepted = append(accepted, ssh.InsecureAlgorithms().HostKeys...)
	}
	entries := k.hosts.of(k.host, k.port)
	if len(entries) == 0 {
		return accepted // to learn which key is missing
	}
	return slices.DeleteFunc(accepted, func(algorithm string) bool {
		return !slices.ContainsFunc(entries, func(e knownHost) bool { return e.accepts(algorithm) })
	})
}

// checkUsable refuses keys that no accepted algorithm can verify: package ssh takes an empty list for all algorithms.
func (k hostKeys) checkUsable(legacy bool) error {
	switch {
	case len(k.algorithms(legacy)) > 0:
		return nil
	case len(k.algorithms(true)) > 0:
		return routerclient.Errorf(routerclient.ReasonAlgorithmMismatch,
			"known_hosts has only %s for %s; set legacyAlgorithms: true to accept it", k.describe(), k.host)
	default:
		return routerclient.Errorf(routerclient.ReasonAlgorithmMismatch,
			"known_hosts has only %s for %s, which cannot be verified", k.describe(), k.host)
	}
}

// check returns nil if known_hosts vouches for the key. The address is host:port.
func (k hostKeys) check(address string, key ssh.PublicKey) error {
	if certificate, ok := key.(*ssh.Certificate); ok {
		return k.checkCertificate(address, certificate)
	}
	if line, revoked := k.hosts.revoked[string(key.Marshal())]; revoked {
		return routerclient.Errorf(routerclient.ReasonHostKeyMismatch,
			"checking the host key of %s: %s is marked @revoked in line %d of known_hosts", address, fingerprint(key), line)
	}
	if !k.known() {
		return routerclient.Errorf(routerclient.ReasonHostKeyUnknown,
			"checking the host key of %s: known_hosts has no entry for it; the router offers %s: compare that with the router's own, "+
				"then add the output of `ssh-keyscan -p %s %s` to known_hosts", address, fingerprint(key), k.port, k.host)
	}
	for _, entry := range k.hosts.of(k.host, k.port) {
		if !entry.authority && string(entry.key.Marshal()) == string(key.Marshal()) {
			return nil
		}
	}
	return routerclient.Errorf(routerclient.ReasonHostKeyMismatch,
		"checking the host key of %s: host key mismatch: the router offers %s, known_hosts has %s; "+
			"change known_hosts only if the router's own key is the new one", address, fingerprint(key), k.describe())
}

func (k hostKeys) checkCertificate(address string, certificate *ssh.Certificate) error {
	checker := ssh.CertChecker{
		IsHostAuthority: func(authority ssh.PublicKey, _ string) bool {
			return slices.ContainsFunc(k.hosts.of(k.host, k.port), func(e knownHost) bool {
				return e.authority && string(e.key.Marshal()) == string(authority.Marshal())
			})
		},
		IsRevoked: func(c *ssh.Certificate) bool {
			_, key := k.hosts.revoked[string(c.Key.Marshal())]
			_, authority := k.hosts.revoked[string(c.SignatureKey.Marshal())]
			return key || authority
		},
	}
	if err := checker.CheckHostKey(address, nil, certificate); err != nil {
		return routerclient.Errorf(routerclient.ReasonHostKeyMismatch,
			"checking the host certificate of %s, signed by %s: %s", address, fingerprint(certificate.SignatureKey), clip(err.Error()))
	}
	return nil
}

// maxDescribed bounds the keys that a message lists: a pattern for all routers may have hundreds, and a condition has no
// room for them.
const maxDescribed = 5

// describe lists the keys that known_hosts has for the router.
func (k hostKeys) describe() string {
	var words []string
	entries := k.hosts.of(k.host, k.port)
	for i, e := range entries {
		if i == maxDescribed {
			words = append(words, fmt.Sprintf("and %d more", len(entries)-i))
			break
		}
		text := fmt.Sprintf("%s (line %d)", fingerprint(e.key), e.line)
		if e.authority {
			text = "certificates signed by " + text
		}
		words = append(words, text)
	}
	return strings.Join(words, ", ")
}

// fingerprint is the form that ssh-keygen -l prints and that people compare.
func fingerprint(key ssh.PublicKey) string {
	return key.Type() + " " + ssh.FingerprintSHA256(key)
}
