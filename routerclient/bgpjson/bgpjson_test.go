package bgpjson_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
)

func TestNewDecoder(t *testing.T) {
	for name, test := range map[string]struct {
		answer, want string
		found        bool
	}{
		"at once":                   {`{"a":1}`, `{"a":1}`, true},
		"behind a banner":           {"Welcome to VyOS\r\n  {\"a\":1}\r\n", `{"a":1}`, true},
		"banner with braces":        {"--{ private }--\n{\"a\":1}", `{"a":1}`, true},
		"no object":                 {"bgpd is not running\n", "", false},
		"an array, where asked not": {"[1]", "", false},
		"empty":                     {"", "", false},
	} {
		dec, found := bgpjson.NewDecoder([]byte(test.answer), '{')
		if found != test.found {
			t.Errorf("%s: found = %t, want %t", name, found, test.found)
		}
		if !found {
			continue
		}
		var got json.RawMessage
		if err := dec.Decode(&got); err != nil || string(got) != test.want {
			t.Errorf("%s: decoded %s, %v, want %s", name, got, err, test.want)
		}
	}
}

func TestMembers(t *testing.T) {
	for name, test := range map[string]struct {
		in      string
		want    []string
		wantErr string
	}{
		"two":          {in: `{"a":1,"b":{"c":2}}`, want: []string{"a", "b"}},
		"none":         {in: `{}`},
		"twice":        {in: `{"a":1,"a":2}`, want: []string{"a"}, wantErr: `member "a" comes twice`},
		"array":        {in: `[1]`, wantErr: "something else where an object should be"},
		"null":         {in: `null`, wantErr: "something else where an object should be"},
		"ends early":   {in: `{"a":1`, want: []string{"a"}, wantErr: "EOF"},
		"ends in name": {in: `{"a`, wantErr: "EOF"},
		"garbage":      {in: `{"a":1 x}`, want: []string{"a"}, wantErr: "invalid character"},
	} {
		var got []string
		dec := json.NewDecoder(strings.NewReader(test.in))
		err := bgpjson.Members(dec, func(name string) error {
			got = append(got, name)
			return bgpjson.Skip(dec)
		})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: members (-want +got):\n%s", name, diff)
		}
		if (err == nil) != (test.wantErr == "") || err != nil && !strings.Contains(err.Error(), test.wantErr) {
			t.Errorf("%s: error %v, want %q", name, err, test.wantErr)
		}
	}
}

func TestEnd(t *testing.T) {
	for in, wantErr := range map[string]bool{"": false, " \n": false, "{}": true, "}": true, "x": true} {
		if err := bgpjson.End(json.NewDecoder(strings.NewReader(in))); (err != nil) != wantErr {
			t.Errorf("End(%q) = %v, want an error: %t", in, err, wantErr)
		}
	}
}

func TestError(t *testing.T) {
	for want, err := range map[routerclient.Reason]error{
		routerclient.ReasonAnswerTruncated:     io.ErrUnexpectedEOF,
		routerclient.ReasonAnswerNotUnderstood: errors.New("invalid character"),
		routerclient.ReasonBGPNotRunning:       routerclient.Errorf(routerclient.ReasonBGPNotRunning, "no BGP"),
	} {
		got := bgpjson.Error("reading the summary", err)
		if routerclient.ReasonOf(got) != want || !strings.HasPrefix(got.Error(), "reading the summary: ") {
			t.Errorf("Error(%v) = %v with reason %s, want %s", err, got, routerclient.ReasonOf(got), want)
		}
	}
}

func TestASN(t *testing.T) {
	for in, want := range map[string]bgpjson.ASN{`64512`: 64512, `"64512"`: 64512, `"65001.1028"`: 65001<<16 | 1028} {
		var got bgpjson.ASN
		if err := json.Unmarshal([]byte(in), &got); err != nil || got != want {
			t.Errorf("%s read as %d, %v, want %d", in, got, err, want)
		}
	}
	for _, in := range []string{`-1`, `4294967296`, `1e400`, `"x"`, `{}`, `true`} {
		var got bgpjson.ASN
		if err := json.Unmarshal([]byte(in), &got); err == nil {
			t.Errorf("%s read as %d, want an error", in, got)
		}
	}
}
