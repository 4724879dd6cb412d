package routeros

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/httpapi"
	"github.com/peergate/peergate/routerclient/posixsh"
)

const (
	readingConnections = "reading the BGP connections"
	readingSessions    = "reading the BGP sessions"
)

// connection is what is configured, as far as it matters here. A property that has its default value may be missing.
type connection struct {
	Name word `json:"name"`
	// RemoteAddress is an address or a prefix, or several with commas between them.
	RemoteAddress word `json:"remote.address"`
	RemoteAS      word `json:"remote.as"`
	AS            word `json:"as"`
	VRF           word `json:"vrf"`
	Listen        word `json:"listen"`
	Templates     word `json:"templates"`
	Disabled      word `json:"disabled"`
	Inactive      word `json:"inactive"`
}

// session is one that is up, or was.
type session struct {
	Name               word `json:"name"`
	RemoteAddress      word `json:"remote.address"`
	RemoteAS           word `json:"remote.as"`
	RemoteID           word `json:"remote.id"`
	RemoteAFI          word `json:"remote.afi"`
	LocalAS            word `json:"local.as"`
	LocalID            word `json:"local.id"`
	LocalAFI           word `json:"local.afi"`
	VRF                word `json:"vrf"`
	Established        word `json:"established"`
	Stopped            word `json:"stopped"`
	LimitExceeded      word `json:"limit-exceeded"`
	Uptime             word `json:"uptime"`
	PrefixCount        word `json:"prefix-count"`
	InputNotification  word `json:"input.last-notification"`
	OutputNotification word `json:"output.last-notification"`
}

// parseREST reads the answer to one request, a JSON array.
func parseREST[T any](out routerclient.Output, action string) ([]T, error) {
	if status := httpapi.CheckStatus(out); status != nil {
		if err := refusal(posixsh.Words(out)); err != nil {
			return nil, fmt.Errorf("%s: %w", action, err)
		}
		return nil, fmt.Errorf("%s: %w", action, status)
	}
	dec, err := decoder(out, action)
	if err != nil {
		return nil, err
	}
	list, err := decodeList[T](dec, action)
	if err != nil {
		return nil, err
	}
	if err := bgpjson.End(dec); err != nil {
		return nil, bgpjson.Error(action, err)
	}
	return list, nil
}

// parseLists reads the answer to putLists.
func parseLists(out routerclient.Output) ([]connection, []session, error) {
	dec, err := decoder(out, readingConnections)
	if err != nil {
		return nil, nil, err
	}
	connections, err := decodeList[connection](dec, readingConnections)
	if err != nil {
		return nil, nil, err
	}
	sessions, err := decodeList[session](dec, readingSessions)
	if err != nil {
		return nil, nil, err
	}
	if err := bgpjson.End(dec); err != nil {
		return nil, nil, bgpjson.Error(readingSessions, err)
	}
	return connections, sessions, nil
}

func decoder(out routerclient.Output, action string) (*json.Decoder, error) {
	dec, found, err := bgpjson.NewBoundedDecoder(out.Stdout, '[')
	if err != nil {
		return nil, bgpjson.Error(action, err)
	}
	if found {
		return dec, nil
	}
	words := posixsh.Words(out)
	if err := refusal(words); err != nil {
		return nil, fmt.Errorf("%s: %w", action, err)
	}
	return nil, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: no JSON in the answer: %s", action, words)
}

func decodeList[T any](dec *json.Decoder, action string) ([]T, error) {
	var list []T
	if err := dec.Decode(&list); err != nil {
		return nil, bgpjson.Error(action, err)
	}
	if list == nil {
		return nil, bgpjson.Error(action, errors.New("null where a list should be"))
	}
	return list, nil
}

// word is a property's value as RouterOS would print it. REST has every value as a string, and JSON over SSH some as
// booleans, as arrays, and as numbers of which the integers may end in ".000000".
type word string

// UnmarshalJSON implements [json.Unmarshaler].
func (w *word) UnmarshalJSON(b []byte) error {
	switch b = bytes.TrimSpace(b); b[0] {
	case '"':
		// Values are addresses, numbers and names: hardly one has an escape in it, which alone needs decoding.
		if bytes.IndexByte(b, '\\') < 0 && utf8.Valid(b) {
			*w = word(b[1 : len(b)-1])
			return nil
		}
		var s string
		err := json.Unmarshal(b, &s)
		*w = word(s)
		return err
	case '[':
		var elements []word
		err := json.Unmarshal(b, &elements)
		*w = join(elements)
		return err
	case 't', 'f':
		*w = word(b)
	case 'n':
		*w = ""
	case '{':
		return fmt.Errorf("%s where a value should be", bgptext.Printable(string(b[:min(len(b), 40)]), 40))
	default:
		*w = integer(string(b))
	}
	return nil
}

func join(words []word) word {
	s := make([]string, len(words))
	for i, w := range words {
		s[i] = string(w)
	}
	return word(strings.Join(s, ","))
}

// integer returns "" for a fraction: it was an AS number in asdot notation, and which one can no longer be told.
func integer(number string) word {
	whole, fraction, _ := strings.Cut(number, ".")
	if strings.Trim(fraction, "0") != "" {
		return ""
	}
	return word(whole)
}

// is reports whether a flag is set.
func (w word) is() bool { return w == "true" || w == "yes" }

const separators = ",; "

// list splits the value of a property that may have several.
func (w word) list() []string {
	return strings.FieldsFunc(string(w), func(r rune) bool { return strings.ContainsRune(separators, r) })
}

// cut splits the first off, for a caller that needs no list.
func (w word) cut() (first string, rest word) {
	if end := strings.IndexAny(string(w), separators); end >= 0 {
		return string(w[:end]), w[end+1:]
	}
	return string(w), ""
}

// asn is 0 for a property that is not set, and for what is no AS number. Of a confederation's AS number and the
// router's own, "43/34", it is the own.
func (w word) asn() uint32 {
	s := string(w)
	n, err := bgptext.ASN(s[strings.LastIndexByte(s, '/')+1:])
	if err != nil {
		return 0
	}
	return n
}

// vrf is the VRF of that name; RouterOS calls the default one "main".
func (w word) vrf() string {
	if w == "" || w == "main" {
		return routerclient.DefaultVRF
	}
	return bgptext.Printable(string(w), maxName)
}

// maxName bounds the names that are taken from a router, in bytes.
const maxName = 200
