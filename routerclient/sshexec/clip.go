package sshexec

import (
	"strings"
	"unicode"
)

// maxWords bounds what a router can write into an error message, in bytes.
const maxWords = 512

// clip makes a router's words fit for a message: printable and of bounded length.
func clip(words string) string {
	if len(words) > maxWords {
		words = strings.ToValidUTF8(words[:maxWords], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, words)
}
