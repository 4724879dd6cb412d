package fix

import (
	"slices"
	"strings"
)

// The command lines that edit a candidate configuration with set and delete, on a terminal. None of these plans was run
// on hardware; the words are those of the vendors' documents.

// vyatta is for EdgeOS and VyOS.
func vyatta(r request) Plan {
	sets, _ := until(r.lines[1:], "commit")
	return Plan{
		Terminal: true, Look: "show configuration commands | grep 'neighbor " + r.Peer.String() + "'",
		Apply:  slices.Concat([]string{"configure"}, sets, []string{"commit", "exit"}),
		Abort:  []string{"exit discard"},
		Undo:   []string{"configure", deleting(r, sets), "commit", "exit"},
		Save:   []string{"configure", "save", "exit"},
		Atomic: true,
		refused: saying("set failed", "delete failed", "commit failed", "save failed", "is not valid", "invalid command",
			"ambiguous command", "cannot exit", "permission denied", "command not found", "configuration system locked"),
	}
}

// junos locks the configuration, so that what somebody else has typed and not committed is not committed with it.
func junos(r request) Plan {
	sets, commit := until(r.lines[1:], "commit")
	begin := []string{"configure exclusive"}
	return Plan{
		Terminal: true, Setup: []string{"set cli screen-length 0", "set cli complete-on-space off"},
		Look:    `show configuration | display set | match "neighbor ` + r.Peer.String() + `"`,
		Apply:   slices.Concat(begin, sets, commit),
		Abort:   []string{"rollback 0", "exit configuration-mode"},
		Undo:    slices.Concat(begin, []string{deleting(r, sets)}, commit),
		Atomic:  true,
		refused: saying("error:", "syntax error", "unknown command", "invalid", "missing mandatory", "permission denied", "commit failed"),
	}
}

// srlinux edits a candidate of its own, which others do not see.
func srlinux(r request) Plan {
	sets, _ := until(r.lines[1:], "commit")
	begin := []string{"enter candidate private"}
	commit := []string{"commit now"}
	undo := deleting(r, sets[len(sets)-1:])
	return Plan{
		Terminal: true, Setup: []string{"environment cli-engine type basic", "environment complete-on-space false"},
		Look:   "info flat from running / network-instance * protocols bgp neighbor " + r.Peer.String(),
		Apply:  slices.Concat(begin, sets, commit),
		Abort:  []string{"discard now"},
		Undo:   slices.Concat(begin, []string{undo}, commit),
		Save:   []string{"save startup"},
		Atomic: true, refusesAbsent: true,
		refused: saying("error:", "parsing error", "unknown token", "commit failed", "not authorized", "denied"),
	}
}

// deleting is the line that deletes the neighbor which the last line sets. A group that a line before sets stays: it may
// have had neighbors already that the router did not show.
func deleting(r request, sets []string) string {
	last := sets[len(sets)-1]
	neighbor := "neighbor " + r.Peer.String()
	path, _, _ := strings.Cut(strings.TrimPrefix(last, "set "), neighbor)
	return "delete " + path + neighbor
}
