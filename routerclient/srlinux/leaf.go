package srlinux

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// count is a number that is a string if it has 64 bits (RFC 7951 section 6.1), and null where it does not apply.
type count uint64

// UnmarshalJSON implements [json.Unmarshaler].
func (c *count) UnmarshalJSON(b []byte) error {
	text := string(bytes.Trim(b, `"`))
	if text == "null" {
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return fmt.Errorf("reading a count %q: not a number of 64 bits", bgptext.Printable(text, 64))
	}
	*c = count(n)
	return nil
}

// timestamp is a date and time in RFC 3339's form. Another form is no error, but the zero Time: an uptime is not worth
// a snapshot. The command line adds words in parentheses, as in "2026-01-02T03:04:05.678Z (2 days ago)".
type timestamp time.Time

// UnmarshalJSON implements [json.Unmarshaler].
func (t *timestamp) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) != nil {
		return nil
	}
	date, _, _ := strings.Cut(text, " ")
	if parsed, err := time.Parse(time.RFC3339, date); err == nil {
		*t = timestamp(parsed)
	}
	return nil
}
