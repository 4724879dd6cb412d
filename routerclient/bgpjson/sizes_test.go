package bgpjson_test

import (
	"strings"
	"testing"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
)

func TestCheckSizes(t *testing.T) {
	const most = routerclient.MaxSessions
	for text, fits := range map[string]bool{
		"[]": true, "null": true, "[0]": true, "no JSON, at all": true, "]],": true, `["never closed`: true, `"\`: true,
		"[" + strings.Repeat("null,", most-1) + "null]":                      true,
		"[" + strings.Repeat("null,", most) + "null]":                        false,
		"{" + strings.Repeat(`"a":0,`, most-1) + `"a":0}`:                    true,
		"{" + strings.Repeat(`"a":0,`, most) + `"a":0}`:                      false,
		`["` + strings.Repeat(",", 2*most) + `"]`:                            true,
		`["\"` + strings.Repeat(",", 2*most) + `"]`:                          true,
		`["\\",` + strings.Repeat("0,", most) + `0]`:                         false,
		`[{"a":[` + strings.Repeat("{},", most) + `{}]}]`:                    false,
		"[[" + strings.Repeat("0,", most-1) + "0],[" + "0,0]]":               true,
		"[" + strings.Repeat("[0,0],", most-1) + "[0,0]]":                    true,
		"[0" + strings.Repeat(",[]", most/2) + strings.Repeat(",0", most/2):  false,
		strings.Repeat("[", 20_000) + strings.Repeat("0,", most):             true,
		"cut [short" + strings.Repeat(",0", most/2) + strings.Repeat("]", 9): true,
	} {
		if err := bgpjson.CheckSizes([]byte(text)); (err == nil) != fits {
			t.Errorf("%.20s…: error %v, want one: %t", text, err, !fits)
		} else if !fits && routerclient.ReasonOf(err) != routerclient.ReasonAnswerTooLarge {
			t.Errorf("%.20s…: reason %s", text, routerclient.ReasonOf(err))
		}
	}
}

func TestNewBoundedDecoder(t *testing.T) {
	dec, found, err := bgpjson.NewBoundedDecoder([]byte("Welcome [to] edge\n[1, 2]\n"), '[')
	var got []int
	if !found || err != nil || dec.Decode(&got) != nil || len(got) != 2 {
		t.Errorf("found %t, error %v, decoded %v", found, err, got)
	}
	if _, found, err := bgpjson.NewBoundedDecoder([]byte("Welcome\n"), '['); found || err != nil {
		t.Errorf("of no JSON, found %t, error %v", found, err)
	}
	tooLong := []byte("Welcome\n[" + strings.Repeat("0,", routerclient.MaxSessions) + "0]")
	if _, _, err := bgpjson.NewBoundedDecoder(tooLong, '['); routerclient.ReasonOf(err) != routerclient.ReasonAnswerTooLarge {
		t.Errorf("of a list that is too long: %v", err)
	}
}
