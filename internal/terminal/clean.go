package terminal

import "regexp"

// steering is what makes a terminal do something else than show a character, but for line ends and tabs: the control
// characters of both sets of ECMA-48, and those of Unicode that turn the direction of a line. The colours that Style
// writes come first.
var steering = regexp.MustCompile(`\x1b\[(?:0|1|2|31|32|33)m|` +
	`[\x00-\x08\x0b-\x1f\x7f-\x{9f}\x{61c}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]`)

// Clean returns a text in which nothing steers a terminal but line ends, tabs and the colours of this package. Names and
// messages in a cluster are written by many: an Event, an annotation, a label may hold anything.
func Clean(text string) string {
	return steering.ReplaceAllStringFunc(text, func(found string) string {
		if colour.MatchString(found) {
			return found
		}
		return "\ufffd"
	})
}
