package fix

import (
	"slices"
	"strings"

	"github.com/peergate/peergate/routerclient/posixsh"
)

// The platforms on which each command is run by itself.

// frr has its lines typed by one vtysh, which stops at the first that bgpd refuses.
func frr(r request) Plan {
	lines, save := until(r.lines[1:], "write memory")
	vtysh := func(lines ...string) string {
		argv := append(slices.Clone(r.prefix), "vtysh")
		for _, line := range lines {
			argv = append(argv, "-c", line)
		}
		return posixsh.Join(argv...)
	}
	return Plan{
		Look:  vtysh("show running-config"),
		Apply: []string{vtysh(lines...)},
		Undo:  []string{vtysh(withoutNeighbor(r, lines, "end")...)},
		Save:  []string{vtysh(save...)}, refused: percent,
	}
}

// sonic lets its users only read without sudo.
func sonic(r request) Plan {
	if len(r.prefix) == 0 {
		r.prefix = []string{"sudo", "-n"}
	}
	return frr(r)
}

// cumulus stages with nv set, and answers the question of nv config apply beforehand.
func cumulus(r request) Plan {
	sets, _ := until(r.lines, "nv config")
	neighbor := "neighbor " + r.Peer.String()
	path, _, _ := strings.Cut(strings.TrimPrefix(sets[0], "nv set "), neighbor)
	const apply = "nv config apply -y"
	return Plan{
		Look:  "nv config show -o commands",
		Apply: append(slices.Clone(sets), apply), Abort: []string{"nv config detach"},
		Undo: []string{"nv unset " + path + neighbor, apply},
		Save: []string{"nv config save"}, Atomic: true, refused: saying("error:", "invalid", "not found", "failed"),
	}
}

// gobgp keeps nothing over a restart, and has nothing to save.
func gobgp(r request) Plan {
	prefix := ""
	if len(r.prefix) > 0 {
		prefix = posixsh.Join(r.prefix...) + " "
	}
	return Plan{
		Apply: []string{prefix + r.lines[0]}, Undo: []string{prefix + "gobgp neighbor del " + r.Peer.String()},
		Atomic: true, refused: saying("error", "unknown", "usage:", "failed"),
	}
}

// routeros keeps what it takes, and says nothing then.
func routeros(r request) Plan { return addedByName(r, "/routing/bgp/connection/remove") }

func routeros6(r request) Plan { return addedByName(r, "/routing bgp peer remove") }

func addedByName(r request, remove string) Plan {
	_, after, _ := strings.Cut(r.lines[0], " name=")
	name, _, _ := strings.Cut(after, " ")
	return Plan{
		Apply: r.lines, Undo: []string{remove + " [find name=" + name + "]"}, Atomic: true,
		refused: saying("failure:", "syntax error", "expected", "bad command", "does not match", "invalid", "unknown parameter",
			"not enough permissions", "no such", "missing", "already"),
	}
}
