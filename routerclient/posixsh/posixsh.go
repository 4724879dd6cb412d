// Package posixsh writes commands for the POSIX shell that sshd of every Unix-like router hands them to, and reads what
// that shell, sudo or a forced command says when it does not run them.
package posixsh

import (
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// Join returns the command line that a POSIX shell splits into exactly argv. Words are quoted only if they need it,
// and with double quotes where those do, because people copy these lines into sudoers and forced-command scripts.
func Join(argv ...string) string {
	words := make([]string, len(argv))
	for i, word := range argv {
		words[i] = quote(word)
	}
	return strings.Join(words, " ")
}

func quote(word string) string {
	switch {
	case word != "" && strings.Trim(word, plain) == "" && !strings.Contains(word, "="):
		return word
	case strings.Trim(word, plain+" ()[]{}<>|&;*?#~'") == "":
		return `"` + word + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// plain are the characters that mean themselves to a shell wherever they stand ("=" does not: it makes an assignment
// of a command's first word).
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-"

// The exit statuses with which a command is refused: sysexits.h's EX_NOPERM, which forced-command scripts use, and the
// shell's "found, but not executable" (POSIX.1-2017 section 2.8.2).
const (
	exitNoPerm        = 77
	exitNotExecutable = 126
)

// refusals are what sudo, sshd, shells and access checks say, in lower case.
var refusals = []string{
	"permission denied",
	"not permitted",
	"not allowed",
	"access denied",
	"sudo: a password is required",
	"sudo: a terminal is required",
	"is not in the sudoers file",
	"this account is currently not available",
}

// Refused returns an error with ReasonPermissionDenied if out shows that the account may not run the command, and nil
// otherwise. Ask it only if the answer is not on Stdout: a warning on Stderr beside a good answer is none of its
// business.
func Refused(out routerclient.Output) error {
	words := Words(out)
	lower := strings.ToLower(words)
	refused := out.ExitStatus == exitNoPerm || out.ExitStatus == exitNotExecutable
	for _, refusal := range refusals {
		// A banner that forbids unauthorised access is no refusal: the command behind it succeeds.
		refused = refused || out.ExitStatus != 0 && strings.Contains(lower, refusal)
	}
	if !refused {
		return nil
	}
	return routerclient.Errorf(routerclient.ReasonPermissionDenied, "the router refused (exit status %d): %s", out.ExitStatus, words)
}

// Words returns the start of what a command said, Stderr first, on one line of at most 200 bytes, or "no output".
func Words(out routerclient.Output) string {
	const limit = 200
	for _, stream := range [][]byte{out.Stderr, out.Stdout} {
		start := stream[:min(len(stream), 8*limit)]
		if words := bgptext.Printable(string(bgptext.Clean(start)), limit); words != "" {
			return words
		}
	}
	return "no output"
}
