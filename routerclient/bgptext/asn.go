package bgptext

import (
	"fmt"
	"strconv"
	"strings"
)

// ASN reads an AS number in asplain ("4260036612") or asdot and asdot+ notation ("65003.4", RFC 5396).
func ASN(s string) (uint32, error) {
	high, low, dotted := strings.Cut(s, ".")
	if !dotted {
		n, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			return 0, fmt.Errorf("reading AS number %q: not a number of 32 bits", Printable(s, 20))
		}
		return uint32(n), nil
	}
	h, errHigh := strconv.ParseUint(high, 10, 16)
	l, errLow := strconv.ParseUint(low, 10, 16)
	if errHigh != nil || errLow != nil {
		return 0, fmt.Errorf("reading AS number %q: not two numbers of 16 bits", Printable(s, 20))
	}
	return uint32(h<<16 | l), nil
}
