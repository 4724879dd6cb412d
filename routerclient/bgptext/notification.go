package bgptext

import (
	"bytes"
	"encoding/hex"
	"fmt"
)

// notificationErrors are the error codes of NOTIFICATION messages (RFC 4271 section 4.5).
var notificationErrors = map[byte]string{
	1: "Message Header Error",
	2: "OPEN Message Error",
	3: "UPDATE Message Error",
	4: "Hold Timer Expired",
	5: "Finite State Machine Error",
	6: "Cease",
	7: "ROUTE-REFRESH Message Error",
}

// notificationSubcodes are the subcodes that say why a session does not come up, or was taken down (RFC 4271 section
// 6.2; RFC 5492 section 5; RFC 9234 section 6; RFC 6608; RFC 4486 section 3; RFC 8538 section 3; RFC 9384 section 3).
var notificationSubcodes = map[[2]byte]string{
	{2, 1}:  "Unsupported Version Number",
	{2, 2}:  "Bad Peer AS",
	{2, 3}:  "Bad BGP Identifier",
	{2, 4}:  "Unsupported Optional Parameter",
	{2, 6}:  "Unacceptable Hold Time",
	{2, 7}:  "Unsupported Capability",
	{2, 11}: "Role Mismatch",
	{5, 1}:  "Receive Unexpected Message in OpenSent State",
	{5, 2}:  "Receive Unexpected Message in OpenConfirm State",
	{5, 3}:  "Receive Unexpected Message in Established State",
	{6, 1}:  "Maximum Number of Prefixes Reached",
	{6, 2}:  "Administrative Shutdown",
	{6, 3}:  "Peer De-configured",
	{6, 4}:  "Administrative Reset",
	{6, 5}:  "Connection Rejected",
	{6, 6}:  "Other Configuration Change",
	{6, 7}:  "Connection Collision Resolution",
	{6, 8}:  "Out of Resources",
	{6, 9}:  "Hard Reset",
	{6, 10}: "BFD Down",
}

// NotificationError names the error of a NOTIFICATION message in the words of the RFCs, with its numbers: "Bad Peer AS
// (2/2)".
func NotificationError(code, subcode byte) string {
	name, known := notificationSubcodes[[2]byte{code, subcode}]
	if !known {
		name, known = notificationErrors[code]
	}
	if !known {
		name = "unknown error"
	}
	return fmt.Sprintf("%s (%d/%d)", name, code, subcode)
}

const (
	// headerLength is that of a BGP message: a marker of 16 bytes, the length and the type (RFC 4271 section 4.1).
	headerLength        = 19
	typeNotification    = 3
	minimumNotification = headerLength + 2
)

// Notification reads a whole NOTIFICATION message in hexadecimal, and returns its error's name. It is false for
// anything else.
func Notification(message string) (string, bool) {
	const maxMessage = 4096
	if len(message) > 2*maxMessage {
		return "", false
	}
	b, err := hex.DecodeString(message)
	if err != nil || len(b) < minimumNotification || b[headerLength-1] != typeNotification {
		return "", false
	}
	if !bytes.Equal(b[:16], bytes.Repeat([]byte{0xff}, 16)) {
		return "", false
	}
	return NotificationError(b[headerLength], b[headerLength+1]), true
}
