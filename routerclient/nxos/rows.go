package nxos

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// rows are the ROW_… of a TABLE_…: an array, or the one row itself where there is one.
type rows[T any] []T

// UnmarshalJSON implements [json.Unmarshaler].
func (r *rows[T]) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte("[")) {
		return json.Unmarshal(b, (*[]T)(r))
	}
	var one T
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*r = rows[T]{one}
	return nil
}

// number is a count that NX-OS prints as a number or as a string, depending on column and release. An empty string is
// 0.
type number uint64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *number) UnmarshalJSON(b []byte) error {
	digits := string(bytes.Trim(b, `" `))
	if digits == "" {
		*n = 0
		return nil
	}
	value, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return fmt.Errorf("%q where a number should be", bgptext.Printable(digits, 20))
	}
	*n = number(value)
	return nil
}
