package nxos

import (
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// uptime reads the column Up/Down: "6w3d" and "01:12:00" as on other Ciscos, or, from newer releases' JSON, a duration
// of ISO 8601 such as "P6W3D" and "PT1H12M". It is 0 for anything else.
func uptime(s string) time.Duration {
	iso, isISO := strings.CutPrefix(s, "P")
	if !isISO {
		length, _ := bgptext.Uptime(s)
		return length
	}
	date, clock, _ := strings.Cut(iso, "T")
	if strings.Contains(date, "M") {
		// Months, which have no fixed length; and M would be read as minutes.
		return 0
	}
	length, _ := bgptext.Uptime(strings.ToLower(date + clock))
	return length
}
