package bgptext

import (
	"fmt"
	"math"
	"strings"
)

// ASN reads an AS number in asplain ("4260036612") or asdot and asdot+ notation ("65003.4", RFC 5396).
func ASN(s string) (uint32, error) {
	if n, isNumber := Uint(s); isNumber && n <= math.MaxUint32 {
		return uint32(n), nil
	}
	high, low, dotted := strings.Cut(s, ".")
	if !dotted {
		return 0, fmt.Errorf("reading AS number %q: not a number of 32 bits", Printable(s, 20))
	}
	h, isHigh := Uint(high)
	l, isLow := Uint(low)
	if !isHigh || !isLow || h > math.MaxUint16 || l > math.MaxUint16 {
		return 0, fmt.Errorf("reading AS number %q: not two numbers of 16 bits", Printable(s, 20))
	}
	return uint32(h<<16 | l), nil
}
