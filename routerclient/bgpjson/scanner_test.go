package bgpjson_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient/bgpjson"
)

// scanned is what the scanner takes from an object.
type scanned struct {
	Name  string
	Up    bool
	Count int64
	ASN   uint32
	Names []string
	Inner map[string]string
	// Peers is a count.
	Peers uint64
	// Neighbors is a map.
	Neighbors []string
	// Any is what Scalar returns of one value or several.
	Any []string
}

func scan(in string) (scanned, error) {
	var got scanned
	s, found := bgpjson.NewScanner([]byte(in), '{')
	if !found {
		return got, errors.New("no object")
	}
	err := s.Object(func(name []byte) error {
		switch string(name) {
		case "name":
			return s.String(&got.Name)
		case "up":
			return s.Bool(&got.Up)
		case "count":
			return s.Int(&got.Count)
		case "asn":
			return s.ASN(&got.ASN)
		case "names":
			return s.Array(func() error {
				text, err := s.Text()
				got.Names = append(got.Names, string(text))
				return err
			})
		case "peers":
			return s.Count(&got.Peers)
		case "neighbors":
			return s.Map(func(name []byte) error {
				got.Neighbors = append(got.Neighbors, string(name))
				return s.Skip()
			})
		case "any":
			return s.OneOrMore(func() error {
				text, err := s.Scalar()
				got.Any = append(got.Any, string(text))
				return err
			})
		case "inner":
			got.Inner = map[string]string{}
			return s.Object(func(name []byte) error {
				key, value := string(name), ""
				err := s.String(&value)
				got.Inner[key] = value
				return err
			})
		}
		return s.Skip()
	})
	if err == nil {
		err = s.End()
	}
	return got, err
}

func TestScanner(t *testing.T) {
	for in, want := range map[string]scanned{
		`{}`: {},
		" {\n\t\"name\" : \"a\" ,\r\n \"up\":true } \n": {Name: "a", Up: true},
		`{"name":"a\tb\u00e9\"c\/"}`:                    {Name: "a\tbé\"c/"},
		`{"n\u0061me":"a"}`:                             {Name: "a"},
		"{\"name\":\"a\xff\"}":                          {Name: "a\ufffd"},
		`{"count":-12,"asn":64513}`:                     {Count: -12, ASN: 64513},
		`{"asn":"65003.4"}`:                             {ASN: 65003<<16 | 4},
		`{"name":null,"up":null,"count":null,"asn":null,"inner":{"a":null}}`: {Inner: map[string]string{"a": ""}},
		`{"names":["a","b",null]}`:                                           {Names: []string{"a", "b", ""}},
		`{"names":[],"inner":{"a":"1","b":"2"}}`:                             {Inner: map[string]string{"a": "1", "b": "2"}},
		`{"x":{"a":1,"a":[{}]},"y":[-0.5e+3,1E2,0],"up":true}`:               {Up: true},
		`{"peers":12,"any":"a\u00e9"}`:                                       {Peers: 12, Any: []string{"aé"}},
		`{"peers":" 18446744073709551615 ","any":[-1.5,true,"b",null]}`:      {Peers: math.MaxUint64, Any: []string{"-1.5", "true", "b", ""}},
		`{"neighbors":{"a":1,"b":{"a":2}}}`:                                  {Neighbors: []string{"a", "b"}},
		`{"neighbors":{}}`:                                                   {},
		`{"peers":""}`:                                                       {},
		`{"peers":null}`:                                                     {},
		"Welcome to {brackets}\n{\"inner\":{\"name\":\"b\"},\"name\":\"a\"}": {Name: "a", Inner: map[string]string{"name": "b"}},
	} {
		got, err := scan(in)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v, (-want +got):\n%s", in, err, diff)
		}
	}
}

func TestScannerErrors(t *testing.T) {
	for in, want := range map[string]string{
		`{"name":"a","name":"b"}`:           `member "name" comes twice`,
		`{"inner":{"a":"1","\u0061":"2"}}`:  `member "a" comes twice`,
		`{"name":1}`:                        `"1" where a string should be`,
		`{"name":{}}`:                       `'{' where a string, number, boolean or null should be`,
		`{"up":"yes"}`:                      `"\"yes\"" where a boolean should be`,
		`{"count":1.5}`:                     `"1.5" where a whole number should be`,
		`{"count":9223372036854775808}`:     `"9223372036854775808" where a whole number should be`,
		`{"asn":""}`:                        `reading AS number "": not a number of 32 bits`,
		`{"peers":-1}`:                      `"-1" where a count should be`,
		`{"peers":"18446744073709551616"}`:  `"18446744073709551616" where a count should be`,
		`{"peers":[]}`:                      `'[' where a string, number, boolean or null should be`,
		`{"neighbors":{"a":1,"b":2,"a":3}}`: `member "a" comes twice`,
		`{"neighbors":[]}`:                  `'[' where an object should be`,
		`{"any":{}}`:                        `'{' where a string, number, boolean or null should be`,
		`{"names":{}}`:                      `'{' where an array should be`,
		`{"inner":[]}`:                      `'[' where an object should be`,
		`{"x":1 "y":2}`:                     `'"' where a comma should be`,
		`{"x" 1}`:                           `'1' where a colon should be`,
		`{1:2}`:                             `'1' where a member's name should be`,
		`{"x":1,}`:                          `'}' where a member's name should be`,
		`{"x":[1,]}`:                        `']' where a value should be`,
		`{"x":01}`:                          `'1' where a comma should be`,
		`{"x":1.}`:                          `'}' where a digit should be`,
		`{"x":1e}`:                          `'}' where a digit should be`,
		`{"x":-}`:                           `'}' where a value should be`,
		`{"x":nil}`:                         `'n' where a value should be`,
		`{"x":"\x"}`:                        `'x' where an escaped character should be`,
		`{"x":"\u00g0"}`:                    `'g' where a hexadecimal digit should be`,
		"{\"x\":\"a\nb\"}":                  `'\n' where a character of a string should be`,
		`{"name":"a"} {"name":"b"}`:         `{ behind the answer's end`,
		`{"x":` + strings.Repeat("[", 1000): "values nested more than 100 deep",
		`{"inner":{` + members(1000) + `}}`: "an object with more than 250 members",
		`[]`:                                "no object",
	} {
		if got, err := scan(in); err == nil || err.Error() != want {
			t.Errorf("%.100s: %+v, %v, want %s", in, got, err, want)
		}
	}
}

func members(n int) string {
	var all []string
	for i := range n {
		all = append(all, `"`+strings.Repeat("x", i)+`":""`)
	}
	return strings.Join(all, ",")
}

// TestScannerEndsEarly cuts an answer at every byte, none of which may seem to be anything but an early end.
func TestScannerEndsEarly(t *testing.T) {
	const whole = `{"name":"a\u00e9\\","up":true,"count":12,"names":["a"],"inner":{"a":"b"},"peers":"7","neighbors":{"a":1,"b":2},"any":[1,"b"],"x":[false,null,-1.5e3,{"y":{}}]}`
	if _, err := scan(whole); err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(whole); n++ {
		if _, err := scan(whole[:n]); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v, want %v", whole[:n], err, io.ErrUnexpectedEOF)
		}
	}
}

// FuzzScanner compares the scanner with encoding/json, which takes the same for JSON.
func FuzzScanner(f *testing.F) {
	f.Add([]byte(`{"a":[1,-0.5e+3,"x\u00e9\n",true,false,null,{"b":{}}]}`))
	f.Add([]byte("{\"a\":\"\xff\"} {"))
	f.Fuzz(func(t *testing.T, in []byte) {
		s, found := bgpjson.NewScanner(in, '{')
		if !found {
			t.Skip("no object")
		}
		dec, _ := bgpjson.NewDecoder(in, '{')
		err := s.Skip()
		if err == nil {
			err = s.End()
		}
		var value json.RawMessage
		want := dec.Decode(&value)
		if want == nil {
			want = bgpjson.End(dec)
		}
		if (err == nil) != (want == nil) && depth(in) < 100 {
			t.Errorf("%q: %v, encoding/json: %v", in, err, want)
		}
	})
}

// depth is at least how deep values nest.
func depth(in []byte) int { return strings.Count(string(in), "{") + strings.Count(string(in), "[") }
