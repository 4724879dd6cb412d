package lab

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

const (
	sshDir  = "/etc/ssh"
	sshd    = "/usr/sbin/sshd"
	sshPort = 22
	// forcedCommand is where the script of an account that may only read is installed.
	forcedCommand = sshDir + "/bgp-ro.sh"
	// sshUser is Peergate's account on every router, and sshUID one that no package of Debian's takes.
	sshUser = "peergate"
	sshUID  = 64999
)

// sshPaths are what a host with sshd has to itself.
var sshPaths = []string{sshDir, "/etc/passwd", "/etc/shadow"}

// sshdConfig has two host keys, of which SSH.KnownHosts names one, as after "ssh-keyscan -t ed25519": a client must ask
// for the key it knows.
const sshdConfig = `HostKey /etc/ssh/ssh_host_ecdsa_key
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /etc/ssh/authorized_keys_%u
AllowUsers peergate operator-*
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PidFile none
LogLevel VERBOSE
`

// SSH is all that a client needs to log in to a router with an account that may only read sessions.
type SSH struct {
	Addr netip.AddrPort
	User string
	// PrivateKey is in OpenSSH's format.
	PrivateKey []byte
	// KnownHosts is a line for known_hosts, with the router's Ed25519 key.
	KnownHosts []byte
}

// serveSSH starts sshd on a host, with new keys, and returns once it accepts connections at addr.
func serveSSH(ctx context.Context, h *Host, addr netip.Addr, access Access) (SSH, error) {
	login := SSH{Addr: netip.AddrPortFrom(addr, sshPort), User: sshUser}
	hostKey, err := installHostKeys(h)
	if err != nil {
		return SSH{}, err
	}
	login.KnownHosts = []byte(knownhosts.Line([]string{addr.String()}, hostKey) + "\n")
	if login.PrivateKey, err = installAccount(h, access); err != nil {
		return SSH{}, err
	}
	if err := h.writeFile(sshDir+"/sshd_config", []byte(sshdConfig), 0o644, root); err != nil {
		return SSH{}, err
	}
	// sshd's privilege separation directory, which the init system makes on a real router.
	if err := h.run(ctx, "mkdir", "/run/sshd"); err != nil {
		return SSH{}, err
	}
	if err := h.start("sshd", sshd, "-D", "-e"); err != nil {
		return SSH{}, err
	}
	return login, poll(ctx, "starting sshd on "+h.name, func() error { return accepts(ctx, login.Addr) })
}

func accepts(ctx context.Context, addr netip.AddrPort) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr.String())
	if err != nil {
		return err
	}
	return conn.Close()
}

// installHostKeys returns the one of the host's keys that clients know.
func installHostKeys(h *Host) (ssh.PublicKey, error) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	private, _, err := encodeKey(p256)
	if err != nil {
		return nil, err
	}
	if err := h.writeFile(sshDir+"/ssh_host_ecdsa_key", private, 0o600, root); err != nil {
		return nil, err
	}
	private, public, err := newKey()
	if err != nil {
		return nil, err
	}
	return public, h.writeFile(sshDir+"/ssh_host_ed25519_key", private, 0o600, root)
}

// newKey makes an Ed25519 key.
func newKey() (private []byte, public ssh.PublicKey, err error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	return encodeKey(key)
}

func encodeKey(key crypto.Signer) (private []byte, public ssh.PublicKey, err error) {
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		return nil, nil, err
	}
	public, err = ssh.NewPublicKey(key.Public())
	return pem.EncodeToMemory(block), public, err
}

// installAccount makes Peergate's account on a host, and returns its private key.
func installAccount(h *Host, access Access) ([]byte, error) {
	group, err := user.LookupGroup(access.Group)
	if err != nil {
		return nil, err
	}
	private, public, err := newKey()
	if err != nil {
		return nil, err
	}
	authorized := fmt.Appendf(nil, "restrict,command=%q %s", forcedCommand, ssh.MarshalAuthorizedKey(public))
	return private, errors.Join(
		h.appendLine("/etc/passwd", fmt.Sprintf("%s:x:%d:%s::/:/bin/sh", sshUser, sshUID, group.Gid)),
		// "*" is no password, where sshd takes "!" for a locked account.
		h.appendLine("/etc/shadow", sshUser+":*:20000::::::"),
		h.writeFile(sshDir+"/authorized_keys_"+sshUser, authorized, 0o644, root),
		h.writeFile(forcedCommand, access.ForcedCommand, 0o755, root),
	)
}

// appendLine adds a line to one of the host's private files.
func (h *Host) appendLine(path, line string) error {
	own := filepath.Join(h.dir, path)
	content, err := os.ReadFile(own)
	if err != nil {
		return err
	}
	content = append(bytes.TrimRight(content, "\n"), "\n"+line+"\n"...)
	return os.WriteFile(own, content, 0o644)
}

// account is who owns a file.
type account struct{ uid, gid int }

var root = account{}

func lookupAccount(name string) (account, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return account{}, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.Atoi(u.Gid)
	return account{uid: uid, gid: gid}, err
}
