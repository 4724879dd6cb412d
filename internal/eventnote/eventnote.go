// Package eventnote fits a message into an Event.
package eventnote

import "strings"

// Limit is the length of an Event's note, in bytes, above which the API server refuses the Event.
const Limit = 1024

const more = "\n[…]"

// Of returns the message, cut at the end of a line where it is too long for a note. The whole of it is in the condition
// that the Event is about.
func Of(message string) string {
	// Before it is measured: in JSON each byte that is no UTF-8 becomes a letter of three.
	message = strings.ToValidUTF8(message, "\uFFFD")
	if len(message) <= Limit {
		return message
	}
	cut := message[:Limit-len(more)]
	if end := strings.LastIndexByte(cut, '\n'); end > 0 {
		cut = cut[:end]
	}
	return strings.ToValidUTF8(cut, "") + more
}
