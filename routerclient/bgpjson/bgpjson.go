// Package bgpjson reads JSON as routers print it: behind banners, in several values one after the other, with AS
// numbers as numbers or in asdot notation, and possibly cut short. Drivers share it.
package bgpjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// NewDecoder returns a decoder at the first line that begins with the opening delimiter ('{' or '['), past the banners
// and timestamps that come before it. It is false if there is no such line. Only a line's beginning counts, because
// banners are drawn with braces too.
func NewDecoder(answer []byte, opening byte) (*json.Decoder, bool) {
	value, found := pastBanners(answer, opening)
	if !found {
		return nil, false
	}
	return json.NewDecoder(bytes.NewReader(value)), true
}

func pastBanners(answer []byte, opening byte) ([]byte, bool) {
	rest := bgptext.Clean(answer)
	for len(rest) > 0 {
		if line := bytes.TrimLeft(rest, " \t"); len(line) > 0 && line[0] == opening {
			return line, true
		}
		_, rest, _ = bytes.Cut(rest, []byte("\n"))
	}
	return nil, false
}

// Members calls member for each member of the object that dec is at, with dec at the member's value, which member must
// consume. A name that comes twice is an error: the decoders of encoding/json would keep one of the two, and with it
// lose neighbors.
func Members(dec *json.Decoder, member func(name string) error) error {
	if err := opening(dec); err != nil {
		return err
	}
	seen := map[string]struct{}{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		name, isName := token.(string)
		if !isName {
			return fmt.Errorf("%v where a member's name should be", token)
		}
		if _, twice := seen[name]; twice {
			return fmt.Errorf("member %q comes twice", bgptext.Printable(name, 64))
		}
		seen[name] = struct{}{}
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func opening(dec *json.Decoder) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return errors.New("something else where an object should be")
	}
	return nil
}

// Skip consumes one value.
func Skip(dec *json.Decoder) error {
	var value json.RawMessage
	return dec.Decode(&value)
}

// End returns an error if anything but white space is left.
func End(dec *json.Decoder) error {
	switch token, err := dec.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	default:
		return fmt.Errorf("%v behind the answer's end", token)
	}
}

// Error gives a decoding error its reason: truncated if the JSON ends early, and not understood otherwise. The action
// says what was being done, as in "reading the BGP summary".
func Error(action string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: the JSON ends early", action)
	}
	if _, hasReason := errors.AsType[*routerclient.Error](err); hasReason {
		return fmt.Errorf("%s: %w", action, err)
	}
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: %w", action, err)
}

// ASN is an AS number that a router prints as a number, or as a string in asplain or asdot notation (RFC 5396).
type ASN uint32

// UnmarshalJSON implements [json.Unmarshaler].
func (a *ASN) UnmarshalJSON(b []byte) error {
	n, err := bgptext.ASN(string(bytes.Trim(b, `"`)))
	if err != nil {
		return err
	}
	*a = ASN(n)
	return nil
}
