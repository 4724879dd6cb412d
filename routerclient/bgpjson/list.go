package bgpjson

import (
	"encoding/json"

	"github.com/peergate/peergate/routerclient"
)

// List is an array of which package json decodes at most [routerclient.MaxSessions] elements. A longer one is an error,
// before there is an element in memory.
type List[T any] []T

// UnmarshalJSON implements [json.Unmarshaler].
func (l *List[T]) UnmarshalJSON(b []byte) error {
	if err := routerclient.CheckSessions(commas(b) + 1); err != nil {
		return err
	}
	return json.Unmarshal(b, (*[]T)(l))
}

// Map is an object of which package json decodes at most as many members as elements of a [List].
type Map[T any] map[string]T

// UnmarshalJSON implements [json.Unmarshaler].
func (m *Map[T]) UnmarshalJSON(b []byte) error {
	if err := routerclient.CheckSessions(commas(b) + 1); err != nil {
		return err
	}
	return json.Unmarshal(b, (*map[string]T)(m))
}

// commas counts those between the elements or members of valid JSON, and not within them: one less than there are.
func commas(b []byte) (count int) {
	depth, inString := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 1:
			count++
		}
	}
	return count
}
