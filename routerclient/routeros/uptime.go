package routeros

import (
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// parseUptime reads "1d2h5m16s610ms", as REST and the print commands have it, and "1d02:05:16", as RouterOS' scripts
// turn times into text. It returns 0 for anything else: how long a session has been up is no reason to doubt that it is.
func parseUptime(s string) time.Duration {
	if uptime, ok := bgptext.Uptime(s); ok {
		return uptime
	}
	days := strings.LastIndexAny(s, "wd") + 1
	long, okLong := bgptext.Uptime(s[:days])
	short, okShort := bgptext.Uptime(s[days:])
	if !okLong || !okShort {
		return 0
	}
	return long + short
}
