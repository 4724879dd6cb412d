package nxos

import (
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// uptime reads the column Up/Down: "6w3d" and "01:12:00" as on other Ciscos, or, from newer releases' JSON, a duration
// of ISO 8601 such as "P6W3D", "PT1H12M" and "P1M17DT4H8M2S". It is 0 for anything else.
func uptime(s string) time.Duration {
	iso, isISO := strings.CutPrefix(s, "P")
	if !isISO {
		length, _ := bgptext.Uptime(s)
		return length
	}
	date, clock, _ := strings.Cut(iso, "T")
	months, date := cutMonths(date)
	if date+clock == "" {
		return months
	}
	length, ok := bgptext.Uptime(strings.ToLower(date + clock))
	if !ok {
		return 0
	}
	return months + length
}

const (
	// month is as long as the shortest: an uptime may be too short, and never too long.
	month = 28 * 24 * time.Hour
	// maxMonths is a century.
	maxMonths = 1200
)

// cutMonths takes the months out of a date, whose M would be read as minutes.
func cutMonths(date string) (months time.Duration, rest string) {
	before, after, found := strings.Cut(date, "M")
	if !found {
		return 0, date
	}
	earlier := strings.TrimRight(before, "0123456789")
	n, ok := bgptext.Uint(before[len(earlier):])
	if !ok || n > maxMonths {
		return 0, "not a date"
	}
	return time.Duration(n) * month, earlier + after
}
