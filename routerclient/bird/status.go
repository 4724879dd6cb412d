package bird

import (
	"bytes"
	"net/netip"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// status is what showStatus answers, as far as it is read. Both fields may be zero: they add to a snapshot and prove
// nothing.
type status struct {
	routerID netip.Addr
	// now is the router's wall clock, without a time zone.
	now time.Time
}

func parseStatus(out routerclient.Output) status {
	var s status
	// An answer that breaks off has said what it had to.
	_ = eachReply(out, func(r reply) error {
		if id, found := bytes.CutPrefix(r.text, []byte("Router ID is ")); found && r.code == codeStatus {
			s.routerID, _ = bgptext.Addr(string(bytes.TrimSpace(id)))
		}
		if now, found := bytes.CutPrefix(r.text, []byte("Current server time is ")); found && r.code == codeStatus {
			s.now, _ = time.Parse(time.DateTime, string(bytes.TrimSpace(now)))
		}
		return nil
	})
	return s
}

// since returns how long ago the time in the column Since was, at least, in the formats that BIRD has names for:
//
//	12:57:30.756               iso short, for less than 20 hours
//	2026-11-22                 iso short, for longer
//	2026-11-23 12:57:30.756    iso long
//
// It is 0 in any other, and where the router's clock is not known.
func (s status) since(column []byte) time.Duration {
	word, rest := bgptext.CutWord(column)
	first := string(word)
	if s.now.IsZero() {
		return 0
	}
	if clock, err := time.Parse(time.TimeOnly, first); err == nil {
		midnight := s.now.Truncate(24 * time.Hour)
		at := midnight.Add(clock.Sub(clock.Truncate(24 * time.Hour)))
		if at.After(s.now) {
			at = at.Add(-24 * time.Hour)
		}
		return s.now.Sub(at)
	}
	date, err := time.Parse(time.DateOnly, first)
	if err != nil {
		return 0
	}
	second, _ := bgptext.CutWord(rest)
	if at, err := time.Parse(time.DateTime, first+" "+string(second)); err == nil {
		return max(0, s.now.Sub(at))
	}
	return max(0, s.now.Sub(date.Add(24*time.Hour)))
}
