package sshexec_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/routertest"
	"github.com/peergate/peergate/routerclient/sshexec"
)

func hostKeyText(signer ssh.Signer) string {
	return string(ssh.MarshalAuthorizedKey(signer.PublicKey()))
}

func hostCertificate(t *testing.T, host, authority ssh.Signer, principal string, validBefore time.Time) ssh.Signer {
	t.Helper()
	certificate := &ssh.Certificate{
		Key:             host.PublicKey(),
		CertType:        ssh.HostCert,
		ValidPrincipals: []string{principal},
		ValidBefore:     uint64(validBefore.Unix()),
	}
	if err := certificate.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewCertSigner(certificate, host)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func TestHostKeys(t *testing.T) {
	t.Parallel()
	_, rsaKey := newRSAKey(t)
	ed, other, authority := routertest.NewKey(), routertest.NewKey(), routertest.NewKey()
	nextYear := time.Now().AddDate(1, 0, 0)
	certified := hostCertificate(t, ed, authority, "edge.example.com", nextYear)
	const edge, edge2222 = "edge.example.com ", "[edge.example.com]:2222 "
	describe := func(s ssh.Signer) string { return s.PublicKey().Type() + " " + ssh.FingerprintSHA256(s.PublicKey()) }

	tests := map[string]struct {
		address    string // edge.example.com if ""
		serverKeys []ssh.Signer
		knownHosts string
		wantReason routerclient.Reason // "" if the key is good
		wantWords  []string
	}{
		"plain":                    {serverKeys: []ssh.Signer{ed}, knownHosts: edge + hostKeyText(ed)},
		"upper case":               {address: "Edge.Example.COM", serverKeys: []ssh.Signer{ed}, knownHosts: "EDGE.example.com " + hostKeyText(ed)},
		"port":                     {address: "edge.example.com:2222", serverKeys: []ssh.Signer{ed}, knownHosts: edge2222 + hostKeyText(ed)},
		"hashed":                   {serverKeys: []ssh.Signer{ed}, knownHosts: knownhosts.HashHostname("edge.example.com") + " " + hostKeyText(ed)},
		"hashed, upper case":       {address: "EDGE.example.com", serverKeys: []ssh.Signer{ed}, knownHosts: knownhosts.HashHostname("edge.example.com") + " " + hostKeyText(ed)},
		"hashed with port":         {address: "edge.example.com:2222", serverKeys: []ssh.Signer{ed}, knownHosts: knownhosts.HashHostname("[edge.example.com]:2222") + " " + hostKeyText(ed)},
		"IPv6":                     {address: "2001:db8::1", serverKeys: []ssh.Signer{ed}, knownHosts: "2001:db8::1 " + hostKeyText(ed)},
		"IPv6 with port":           {address: "[2001:db8::1]:2222", serverKeys: []ssh.Signer{ed}, knownHosts: "[2001:db8::1]:2222 " + hostKeyText(ed)},
		"IPv6 in another form":     {address: "2001:DB8:0::1", serverKeys: []ssh.Signer{ed}, knownHosts: "2001:db8::0001 " + hostKeyText(ed)},
		"IPv6 with port, likewise": {address: "[2001:DB8:0::1]:2222", serverKeys: []ssh.Signer{ed}, knownHosts: "[2001:db8::0001]:2222 " + hostKeyText(ed)},
		"list and wildcard":        {serverKeys: []ssh.Signer{ed}, knownHosts: "10.0.0.1,*.example.com " + hostKeyText(ed)},
		"RSA":                      {serverKeys: []ssh.Signer{rsaKey}, knownHosts: edge + hostKeyText(rsaKey)},
		"RSA of two":               {serverKeys: []ssh.Signer{ed, rsaKey}, knownHosts: edge + hostKeyText(rsaKey)},
		"Ed25519 of two":           {serverKeys: []ssh.Signer{rsaKey, ed}, knownHosts: edge + hostKeyText(ed)},
		"new and old key":          {serverKeys: []ssh.Signer{ed}, knownHosts: edge + hostKeyText(other) + edge + hostKeyText(ed)},
		"certificate":              {serverKeys: []ssh.Signer{certified}, knownHosts: "@cert-authority *.example.com " + hostKeyText(authority)},
		"certificate among others": {serverKeys: []ssh.Signer{ed, certified}, knownHosts: "@cert-authority *.example.com " + hostKeyText(authority)},

		"unknown": {
			serverKeys: []ssh.Signer{ed}, knownHosts: "core.example.com " + hostKeyText(ed),
			wantReason: routerclient.ReasonHostKeyUnknown,
			wantWords:  []string{"no entry", describe(ed), "`ssh-keyscan -p 22 edge.example.com`"},
		},
		"unknown port": {
			address: "edge.example.com:2222", serverKeys: []ssh.Signer{ed}, knownHosts: edge + hostKeyText(ed),
			wantReason: routerclient.ReasonHostKeyUnknown, wantWords: []string{"`ssh-keyscan -p 2222 edge.example.com`"},
		},
		"negated": {
			serverKeys: []ssh.Signer{ed}, knownHosts: "*.example.com,!edge.example.com " + hostKeyText(ed),
			wantReason: routerclient.ReasonHostKeyUnknown,
		},
		"other key": {
			serverKeys: []ssh.Signer{ed}, knownHosts: "# routers\n" + edge + hostKeyText(other),
			wantReason: routerclient.ReasonHostKeyMismatch,
			wantWords:  []string{"offers " + describe(ed), "known_hosts has " + describe(other) + " (line 2)"},
		},
		"hundreds of other keys": {
			serverKeys: []ssh.Signer{ed}, knownHosts: strings.Repeat("*.example.com "+hostKeyText(other), 300),
			wantReason: routerclient.ReasonHostKeyMismatch,
			wantWords:  []string{"(line 5), and 295 more; change known_hosts only"},
		},
		"other type of key": {
			serverKeys: []ssh.Signer{ed}, knownHosts: edge + hostKeyText(rsaKey),
			wantReason: routerclient.ReasonHostKeyMismatch,
			wantWords:  []string{"offers ssh-ed25519", "known_hosts has " + describe(rsaKey)},
		},
		"revoked": {
			serverKeys: []ssh.Signer{ed}, knownHosts: edge + hostKeyText(ed) + "@revoked * " + hostKeyText(ed),
			wantReason: routerclient.ReasonHostKeyMismatch, wantWords: []string{"@revoked in line 2", describe(ed)},
		},
		"an authority's key as host key": {
			serverKeys: []ssh.Signer{authority},
			knownHosts: "@cert-authority *.example.com " + hostKeyText(authority) + edge + hostKeyText(other),
			wantReason: routerclient.ReasonHostKeyMismatch, wantWords: []string{"certificates signed by " + describe(authority)},
		},
		"certificate of another authority": {
			serverKeys: []ssh.Signer{certified}, knownHosts: "@cert-authority *.example.com " + hostKeyText(other),
			wantReason: routerclient.ReasonHostKeyMismatch, wantWords: []string{"no authorities", describe(authority)},
		},
		"certificate of another router": {
			serverKeys: []ssh.Signer{hostCertificate(t, ed, authority, "core.example.com", nextYear)},
			knownHosts: "@cert-authority *.example.com " + hostKeyText(authority),
			wantReason: routerclient.ReasonHostKeyMismatch, wantWords: []string{"principal"},
		},
		"certificate expired": {
			serverKeys: []ssh.Signer{hostCertificate(t, ed, authority, "edge.example.com", time.Unix(1, 0))},
			knownHosts: "@cert-authority *.example.com " + hostKeyText(authority),
			wantReason: routerclient.ReasonHostKeyMismatch, wantWords: []string{"expired"},
		},
		"certificate for a revoked key": {
			serverKeys: []ssh.Signer{certified},
			knownHosts: "@cert-authority *.example.com " + hostKeyText(authority) + "@revoked * " + hostKeyText(ed),
			wantReason: routerclient.ReasonHostKeyMismatch, wantWords: []string{"revoked"},
		},
		"authority revoked": {
			serverKeys: []ssh.Signer{certified},
			knownHosts: "@cert-authority *.example.com " + hostKeyText(authority) + "@revoked * " + hostKeyText(authority),
			wantReason: routerclient.ReasonHostKeyMismatch, wantWords: []string{"revoked"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, routertest.Options{HostKeys: tt.serverKeys})
			config := configFor(server)
			config.KnownHosts = []byte(tt.knownHosts)
			config.Address = tt.address
			if config.Address == "" {
				config.Address = "edge.example.com"
			}
			config.Dialer = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, server.Addr())
			}
			_, err := newRunner(t, config).Run(within(t, 10*time.Second), command)
			if tt.wantReason != "" {
				checkError(t, err, tt.wantReason, tt.wantWords...)
				if strings.Contains(err.Error(), "\n") {
					t.Error("error has more than one line")
				}
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestHostKeyIsCheckedOnEveryConnection: a man in the middle may wait for the first one to end.
func TestHostKeyIsCheckedOnEveryConnection(t *testing.T) {
	t.Parallel()
	router, impostor := newServer(t, routertest.Options{}), newServer(t, routertest.Options{})
	config := configFor(router)
	target := router.Addr()
	config.Dialer = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, target)
	}
	r := newRunner(t, config)
	if _, err := r.Run(within(t, 10*time.Second), command); err != nil {
		t.Fatal(err)
	}
	router.CloseConnections()
	target = impostor.Addr()
	_, err := r.Run(within(t, 10*time.Second), command)
	checkError(t, err, routerclient.ReasonHostKeyMismatch)
	if got := impostor.Commands(); len(got) > 0 {
		t.Errorf("the impostor was sent %q", got)
	}
}

func TestLegacyHostKeyType(t *testing.T) {
	t.Parallel()
	dss := ssh.Marshal(struct {
		Name       string
		P, Q, G, Y *big.Int
	}{"ssh-dss", new(big.Int).Lsh(big.NewInt(1), 1023), new(big.Int).Lsh(big.NewInt(1), 159), big.NewInt(2), big.NewInt(2)})
	line := "edge ssh-dss " + base64.StdEncoding.EncodeToString(dss)
	config := sshexec.Config{Address: "edge", Username: account, Password: password, KnownHosts: []byte(line)}
	_, err := sshexec.New(config)
	checkError(t, err, routerclient.ReasonAlgorithmMismatch, "only ssh-dss", "set legacyAlgorithms: true")
	config.LegacyAlgorithms = true
	if _, err := sshexec.New(config); err != nil {
		t.Error(err)
	}
}

func TestUnusableHostKeyType(t *testing.T) {
	t.Parallel()
	// An Ed25519 key on a security key, which only users have.
	const text = "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABHNzaDo="
	_, err := sshexec.New(sshexec.Config{Address: "edge", Username: account, Password: password, KnownHosts: []byte("edge " + text)})
	checkError(t, err, routerclient.ReasonAlgorithmMismatch, "sk-ssh-ed25519@openssh.com", "cannot be verified")
}
