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
	switch {
	case s == "never" || s == "Never":
		return 0, true
	case strings.Contains(s, ":") && strings.ContainsAny(s, "wd"):
		return monthsWeeksDays(s)
	case strings.Contains(s, ":"):
		return hoursMinutesSeconds(s)
	}
	return unitSequence(s)
}

func hoursMinutesSeconds(s string) (time.Duration, bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return 0, false
	}
	return sum([]string{parts[0], parts[1], parts[2]}, []time.Duration{time.Hour, time.Minute, time.Second})
}

func monthsWeeksDays(s string) (time.Duration, bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return 0, false
	}
	for i, unit := range []string{"m", "w", "d"} {
		number, found := strings.CutSuffix(parts[i], unit)
		if !found {
			return 0, false
		}
		parts[i] = number
	}
	return sum(parts, []time.Duration{30 * day, 7 * day, day})
}

// unitSequence reads numbers each followed by a unit, in falling order of the units.
func unitSequence(s string) (time.Duration, bool) {
	var numbers []string
	var lengths []time.Duration
	rest := uptimeUnits
	for s != "" {
		digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
		letters := len(s[digits:]) - len(strings.TrimLeft(s[digits:], "ywdhms"))
		name := s[digits : digits+letters]
		for len(rest) > 0 && rest[0].name != name {
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return 0, false
		}
		numbers, lengths = append(numbers, s[:digits]), append(lengths, rest[0].length)
		rest, s = rest[1:], s[digits+letters:]
	}
	return sum(numbers, lengths)
}

func sum(numbers []string, lengths []time.Duration) (time.Duration, bool) {
	if len(numbers) == 0 {
		return 0, false
	}
	var total time.Duration
	for i, number := range numbers {
		n, err := strconv.ParseUint(number, 10, 63)
		if err != nil || n > uint64(maxUptime/lengths[i]) {
			return 0, false
		}
		total += time.Duration(n) * lengths[i]
	}
	return total, total <= maxUptime
}
