package lab

import (
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"
)

// Operator makes an account that may do everything on the router, as the people who look after it have, and says how to
// log in with it. Its shell is a program of the router's: /bin/sh, or /usr/bin/vtysh as on an appliance. The name is one
// of its own among the operators of the router.
func (r *Router) Operator(name, shell string) (SSH, error) {
	user := "operator-" + name
	private, public, err := newKey()
	if err != nil {
		return SSH{}, fmt.Errorf("making account %s on %s: %w", user, r.name, err)
	}
	err = errors.Join(
		r.appendLine("/etc/passwd", user+":x:0:0::/:"+shell),
		r.appendLine("/etc/shadow", user+":*:20000::::::"),
		r.writeFile(sshDir+"/authorized_keys_"+user, ssh.MarshalAuthorizedKey(public), 0o644, root),
	)
	if err != nil {
		return SSH{}, fmt.Errorf("making account %s on %s: %w", user, r.name, err)
	}
	return SSH{Addr: r.ssh.Addr, User: user, PrivateKey: private, KnownHosts: r.ssh.KnownHosts}, nil
}
