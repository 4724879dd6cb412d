package bgptext

import (
	"strconv"
	"strings"
	"time"
)

const (
	day = 24 * time.Hour
	// maxUptime bounds an uptime at a century, so that a sum of units cannot overflow.
	maxUptime = 100 * 365 * day
)

// uptimeUnits are in the order in which every platform prints them.
var uptimeUnits = []struct {
	name   string
	length time.Duration
}{
	{"y", 365 * day},
	{"w", 7 * day},
	{"d", day},
	{"h", time.Hour},
	{"m", time.Minute},
	{"s", time.Second},
	{"ms", time.Millisecond},
}

// Uptime reads how long a session has been in its state, in any of the forms that routers print:
//
//	00:11:33                             Cisco, ZebOS, Quagga and FRR, under a day
//	1d02h03m, 03w6d21h, 26w6d, 1y10w     the same, above
//	626h43m                              VRP, Comware
//	1d2h5m16s610ms                       RouterOS
//	02m:02w:06d                          AOS-CX, months (of 30 days) first
//	never                                is 0
//
// It is false for anything else, a bare number included: the columns beside an uptime hold those.
func Uptime(s string) (time.Duration, bool) {
	var l length
	var ok bool
	switch {
	case s == "never" || s == "Never":
		return 0, true
	case strings.Contains(s, ":") && strings.HasSuffix(s, "d"):
		ok = l.addMonthsWeeksDays(s)
	case strings.Contains(s, ":"):
		ok = l.addHoursMinutesSeconds(s)
	default:
		ok = l.addUnits(s)
	}
	if !ok {
		return 0, false
	}
	return time.Duration(l), true
}

// length is a sum of units. It is there so that an uptime can be read without allocating: tables have thousands.
type length time.Duration

// add is false for a number that is none, or that makes the sum too long.
func (l *length) add(number string, unit time.Duration) bool {
	n, err := strconv.ParseUint(number, 10, 63)
	if err != nil || n > uint64(maxUptime/unit) {
		return false
	}
	*l += length(n) * length(unit)
	return *l <= length(maxUptime)
}

func (l *length) addHoursMinutesSeconds(s string) bool {
	hours, minutes, seconds, found := cutTwice(s)
	return found && l.add(hours, time.Hour) && l.add(minutes, time.Minute) && l.add(seconds, time.Second)
}

func (l *length) addMonthsWeeksDays(s string) bool {
	months, weeks, days, found := cutTwice(s)
	months, isMonths := strings.CutSuffix(months, "m")
	weeks, isWeeks := strings.CutSuffix(weeks, "w")
	days, isDays := strings.CutSuffix(days, "d")
	return found && isMonths && isWeeks && isDays && l.add(months, 30*day) && l.add(weeks, 7*day) && l.add(days, day)
}

// cutTwice cuts s around its first two colons.
func cutTwice(s string) (first, second, third string, found bool) {
	first, rest, _ := strings.Cut(s, ":")
	second, third, found = strings.Cut(rest, ":")
	return first, second, third, found
}

// addUnits reads numbers each followed by a unit, in falling order of the units.
func (l *length) addUnits(s string) bool {
	if s == "" {
		return false
	}
	rest := uptimeUnits
	for s != "" {
		digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
		letters := len(s[digits:]) - len(strings.TrimLeft(s[digits:], "ywdhms"))
		name := s[digits : digits+letters]
		for len(rest) > 0 && rest[0].name != name {
			rest = rest[1:]
		}
		if len(rest) == 0 || !l.add(s[:digits], rest[0].length) {
			return false
		}
		rest, s = rest[1:], s[digits+letters:]
	}
	return true
}
