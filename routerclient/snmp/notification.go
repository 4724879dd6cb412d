package snmp

import "fmt"

// notifications are the error codes and subcodes of NOTIFICATION messages, in the words of IANA's registry "BGP
// Parameters" (RFC 4271 section 4.5, RFC 4486, RFC 5492, RFC 9234). A code's own name is at subcode 0.
var notifications = map[byte]map[byte]string{
	1: {0: "Message Header Error", 1: "Connection Not Synchronized", 2: "Bad Message Length", 3: "Bad Message Type"},
	2: {
		0: "OPEN Message Error", 1: "Unsupported Version Number", 2: "Bad Peer AS", 3: "Bad BGP Identifier",
		4: "Unsupported Optional Parameter", 6: "Unacceptable Hold Time", 7: "Unsupported Capability", 11: "Role Mismatch",
	},
	3: {0: "UPDATE Message Error"},
	4: {0: "Hold Timer Expired"},
	5: {0: "Finite State Machine Error"},
	6: {
		0: "Cease", 1: "Maximum Number of Prefixes Reached", 2: "Administrative Shutdown", 3: "Peer De-configured",
		4: "Administrative Reset", 5: "Connection Rejected", 6: "Other Configuration Change",
		7: "Connection Collision Resolution", 8: "Out of Resources", 9: "Hard Reset", 10: "BFD Down",
	},
	7: {0: "ROUTE-REFRESH Message Error"},
}

// notification puts the two octets of a peer's last error into words; "" for none.
func notification(v value) string {
	var code, subcode byte
	if n, err := fmt.Sscanf(v.text, "%X %X", &code, &subcode); v.kind != "Hex-STRING" || err != nil || n != 2 {
		return ""
	}
	if code == 0 {
		return ""
	}
	names := notifications[code]
	switch {
	case names == nil:
		return fmt.Sprintf("last error: code %d, subcode %d", code, subcode)
	case subcode == 0:
		return "last error: " + names[0]
	case names[subcode] == "":
		return fmt.Sprintf("last error: %s, subcode %d", names[0], subcode)
	}
	return "last error: " + names[0] + ", " + names[subcode]
}
