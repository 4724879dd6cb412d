package sshexec

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" // #nosec G505 -- the hash that OpenSSH's HashKnownHosts uses, against reading host names only
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// knownHosts is a parsed known_hosts file. Package knownhosts does the same for files only, while a Secret comes as
// bytes and the manager has no file system to write to; nor does it say which types of key a host has. A fuzz test
// holds the two together.
type knownHosts struct {
	entries []knownHost
	// revoked maps keys in wire format to the line that revokes them. As in package knownhosts, a revoked key is
	// revoked for every host.
	revoked map[string]int
}

type knownHost struct {
	line int
	// authority is true if the key signs host certificates, and is no host's own key.
	authority bool
	key       ssh.PublicKey
	hosts     hostMatcher
}

// accepts says whether a host key algorithm of package ssh can prove possession of the entry's key.
func (e knownHost) accepts(algorithm string) bool {
	certificate := strings.Contains(algorithm, "-cert-v01@")
	if e.authority || certificate {
		return e.authority && certificate
	}
	if e.key.Type() == ssh.KeyAlgoRSA { // one type of key, three algorithms: RFC 8332
		return algorithm == ssh.KeyAlgoRSASHA256 || algorithm == ssh.KeyAlgoRSASHA512 || algorithm == ssh.KeyAlgoRSA
	}
	return algorithm == e.key.Type()
}

// of returns the entries for a host, of which none means that the host is unknown.
func (k *knownHosts) of(host, port string) []knownHost {
	var found []knownHost
	for _, e := range k.entries {
		if e.hosts.match(host, port) {
			found = append(found, e)
		}
	}
	return found
}

// parseKnownHosts refuses the whole file for one bad line: skipping it might skip a revocation. It skips keys of types that
// package ssh does not know, of which ssh-keyscan prints those of newer OpenSSHs: no router can prove itself to us with one.
func parseKnownHosts(file []byte) (*knownHosts, error) {
	known := &knownHosts{revoked: make(map[string]int)}
	number := 0
	for line := range bytes.Lines(file) {
		number++
		if err := known.add(number, line); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if len(known.entries) == 0 {
		return nil, errors.New("no host key in it; host keys are always checked: add the router's, as ssh-keyscan prints it")
	}
	return known, nil
}

func (k *knownHosts) add(number int, line []byte) error {
	line = bytes.TrimSpace(line)
	if len(line) == 0 || line[0] == '#' {
		return nil
	}
	marker, hosts, key, _, _, err := ssh.ParseKnownHosts(line)
	if errors.Is(err, io.EOF) {
		return errors.New("want a host, a key type and a key")
	}
	if err != nil && isForeign(line) {
		return nil
	}
	if err != nil {
		return err
	}
	switch marker {
	case "revoked":
		k.revoked[string(key.Marshal())] = number
		return nil
	case "", "cert-authority":
	default:
		return fmt.Errorf("unknown marker @%s", marker)
	}
	matcher, err := parseHosts(hosts)
	if err != nil {
		return err
	}
	k.entries = append(k.entries, knownHost{line: number, authority: marker != "", key: key, hosts: matcher})
	return nil
}

// isForeign is true for a line whose key is of a type that package ssh does not know, as the line and the key both say.
func isForeign(line []byte) bool {
	fields := bytes.Fields(line)
	if len(fields) > 0 && fields[0][0] == '@' {
		fields = fields[1:]
	}
	if len(fields) < 3 {
		return false
	}
	blob, err := base64.StdEncoding.DecodeString(string(fields[2]))
	var key struct {
		Type string
		Rest []byte `ssh:"rest"`
	}
	if err != nil || ssh.Unmarshal(blob, &key) != nil || key.Type == "" || key.Type != string(fields[1]) {
		return false
	}
	known := slices.Concat(ssh.SupportedAlgorithms().HostKeys, ssh.InsecureAlgorithms().HostKeys, ssh.SupportedAlgorithms().PublicKeyAuths)
	return !slices.Contains(known, key.Type)
}

// hostMatcher is the first field of a line.
type hostMatcher interface {
	match(host, port string) bool
}

func parseHosts(hosts []string) (hostMatcher, error) {
	if strings.HasPrefix(hosts[0], "|") {
		return parseHashedHost(strings.Join(hosts, ","))
	}
	var patterns hostPatterns
	for _, host := range hosts {
		if host == "" {
			continue
		}
		p, err := parseHostPattern(host)
		if err != nil {
			return nil, err
		}
		patterns = append(patterns, p)
	}
	return patterns, nil
}

// hostPatterns match if one of them does and none that is negated.
type hostPatterns []hostPattern

type hostPattern struct {
	negated bool
	host    string // in lower case, with * and ?
	port    string
}

func (ps hostPatterns) match(host, port string) bool {
	matched := false
	for _, p := range ps {
		if p.port == port && matchWildcards(p.host, lower(host)) {
			if p.negated {
				return false
			}
			matched = true
		}
	}
	return matched
}

func parseHostPattern(text string) (hostPattern, error) {
	name, negated := strings.CutPrefix(text, "!")
	if name == "" {
		return hostPattern{}, errors.New("a negation without a host")
	}
	host, port, err := net.SplitHostPort(name)
	if err != nil {
		if name[0] == '[' {
			return hostPattern{}, fmt.Errorf("host %q: %w", name, err)
		}
		host, port = name, defaultPort
	}
	return hostPattern{negated: negated, host: canonical(lower(host)), port: port}, nil
}

// canonical is the one form (RFC 5952) of an IP address, and any other host as it is.
func canonical(host string) string {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.String()
	}
	return host
}

// lower folds ASCII only, as OpenSSH does: strings.ToLower would make different bytes that are no UTF-8 the same.
func lower(text string) string {
	folded := []byte(text)
	for i, c := range folded {
		if 'A' <= c && c <= 'Z' {
			folded[i] = c + 'a' - 'A'
		}
	}
	return string(folded)
}

// matchWildcards takes ? for any byte and * for any number of them: nothing else is special in a pattern of ssh's, and
// the text of a file need not be UTF-8, so that neither package path nor package regexp will do.
func matchWildcards(pattern, text string) bool {
	star, resume := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			resume++
			p, t = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// hashedHost is a host whose name is kept secret, "|1|salt|HMAC-SHA1", as ssh writes with HashKnownHosts.
type hashedHost struct{ salt, sum []byte }

func parseHashedHost(text string) (hashedHost, error) {
	fields := strings.Split(text, "|")
	if len(fields) != 4 || fields[1] != "1" {
		return hashedHost{}, errors.New("hashed host: want |1|salt|hash")
	}
	salt, err := base64.StdEncoding.DecodeString(fields[2])
	if err != nil {
		return hashedHost{}, fmt.Errorf("salt of hashed host: %w", err)
	}
	sum, err := base64.StdEncoding.DecodeString(fields[3])
	if err != nil {
		return hashedHost{}, fmt.Errorf("hashed host: %w", err)
	}
	return hashedHost{salt: salt, sum: sum}, nil
}

func (h hashedHost) match(host, port string) bool {
	mac := hmac.New(sha1.New, h.salt)
	mac.Write([]byte(knownhosts.Normalize(net.JoinHostPort(host, port))))
	return hmac.Equal(mac.Sum(nil), h.sum)
}
