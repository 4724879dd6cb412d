package bgptext

import (
	"strings"
	"time"
)

const (
	day = 24 * time.Hour
	// maxUptime bounds an uptime at a century, so that a sum of units cannot overflow.
	maxUptime = 100 * 365 * day
)

// unit is how long one is of what the number before name counts.
type unit struct {
	name   string
	length time.Duration
}

var (
	// units may be missing, and are in the order in which every platform prints them.
	units = []unit{
		{"y", 365 * day}, {"w", 7 * day}, {"d", day}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond},
	}
	clock           = []unit{{":", time.Hour}, {":", time.Minute}, {"", time.Second}}
	monthsWeeksDays = []unit{{"m:", 30 * day}, {"w:", 7 * day}, {"d", day}}
)

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
	if length, ok := ofClock(s); ok {
		return length, true
	}
	switch {
	case s == "never" || s == "Never":
		return 0, true
	case !strings.Contains(s, ":"):
		return sum(s)
	case strings.HasSuffix(s, "d"):
		return sumOfAll(s, monthsWeeksDays)
	default:
		return sumOfAll(s, clock)
	}
}

// ofClock reads the most frequent form, of two digits each.
func ofClock(s string) (time.Duration, bool) {
	if len(s) != len("00:00:00") || s[2] != ':' || s[5] != ':' {
		return 0, false
	}
	hours, ok1 := Uint(s[:2])
	minutes, ok2 := Uint(s[3:5])
	seconds, ok3 := Uint(s[6:])
	return time.Duration(hours*3600+minutes*60+seconds) * time.Second, ok1 && ok2 && ok3
}

// sumOfAll reads a number of each of the units, in turn.
func sumOfAll(s string, units []unit) (sum time.Duration, ok bool) {
	for _, u := range units {
		n, rest, isNumber := cutNumber(s)
		if !isNumber || !strings.HasPrefix(rest, u.name) || !add(&sum, n, u) {
			return 0, false
		}
		s = rest[len(u.name):]
	}
	if s != "" {
		return 0, false
	}
	return sum, true
}

// sum reads numbers each followed by its unit, in falling order of the units.
func sum(s string) (sum time.Duration, ok bool) {
	rest := units
	for more := true; more; more = s != "" {
		n, named, isNumber := cutNumber(s)
		name := leadingLetters(named)
		for len(rest) > 0 && rest[0].name != name {
			rest = rest[1:]
		}
		if !isNumber || len(rest) == 0 || !add(&sum, n, rest[0]) {
			return 0, false
		}
		rest, s = rest[1:], named[len(name):]
	}
	return sum, true
}

// add is false for a number that makes the sum too long.
func add(sum *time.Duration, n uint64, u unit) bool {
	if n > uint64(maxUptime/u.length) {
		return false
	}
	*sum += time.Duration(n) * u.length
	return *sum <= maxUptime
}

// cutNumber cuts s behind the digits that it begins with. It is false without any, or with too many.
func cutNumber(s string) (n uint64, rest string, ok bool) {
	digits := 0
	for digits < len(s) && '0' <= s[digits] && s[digits] <= '9' {
		digits++
	}
	n, ok = Uint(s[:digits])
	return n, s[digits:], ok
}

func leadingLetters(s string) string {
	n := 0
	for n < len(s) && 'a' <= s[n] && s[n] <= 'z' {
		n++
	}
	return s[:n]
}
