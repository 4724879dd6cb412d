package fix

import (
	"regexp"
	"strings"
)

// logMessage is how Cisco's systems begin what they log to a terminal: %BGP-5-ADJCHANGE.
var logMessage = regexp.MustCompile(`^%[A-Z0-9_]+-([A-Z0-9_]+-)*[0-7]-`)

// percent is true of an answer in which IOS, or anything in its style, refuses: % Invalid input detected at '^' marker.
func percent(answer string) bool {
	return lineWith(answer, func(line string) bool {
		return strings.HasPrefix(line, "%") && !logMessage.MatchString(line)
	}) != ""
}

// saying returns what is true of an answer with one of the words, which are in lower case.
func saying(words ...string) func(string) bool {
	return func(answer string) bool {
		answer = strings.ToLower(answer)
		for _, word := range words {
			if strings.Contains(answer, word) {
				return true
			}
		}
		return false
	}
}

func either(a, b func(string) bool) func(string) bool {
	return func(answer string) bool { return a(answer) || b(answer) }
}

// lineWith returns the first line for which is is true, or "".
func lineWith(answer string, is func(line string) bool) string {
	for line := range strings.Lines(answer) {
		if line = strings.TrimSpace(line); is(line) {
			return line
		}
	}
	return ""
}
