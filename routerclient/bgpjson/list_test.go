package bgpjson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
)

func TestList(t *testing.T) {
	type element struct {
		A string
		B []int
	}
	var got bgpjson.List[element]
	if err := json.Unmarshal([]byte(`[{"a":"],[{\",\\"},{"b":[1,2,3]} , {}]`), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(bgpjson.List[element]{{A: `],[{",\`}, {B: []int{1, 2, 3}}, {}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for text, want := range map[string]int{
		"[]": 0, "null": 0, "[0]": 1,
		"[" + strings.Repeat("null,", routerclient.MaxSessions-1) + "null]": routerclient.MaxSessions,
		`["` + strings.Repeat(",", 2*routerclient.MaxSessions) + `"]`:       1,
		"[[" + strings.Repeat("0,", 2*routerclient.MaxSessions) + "0]]":     1,
	} {
		var got bgpjson.List[json.RawMessage]
		if err := json.Unmarshal([]byte(text), &got); err != nil || len(got) != want {
			t.Errorf("%.20s…: %d elements, error %v, want %d", text, len(got), err, want)
		}
	}
	var tooLong bgpjson.List[*int]
	err := json.Unmarshal([]byte("["+strings.Repeat("null,", routerclient.MaxSessions)+"null]"), &tooLong)
	if routerclient.ReasonOf(err) != routerclient.ReasonAnswerTooLarge || tooLong != nil {
		t.Errorf("%d elements, error %v, want none and reason %s", len(tooLong), err, routerclient.ReasonAnswerTooLarge)
	}
}

func TestMap(t *testing.T) {
	var got bgpjson.Map[bgpjson.List[int]]
	if err := json.Unmarshal([]byte(`{"a,b":[1,2],"c":[]}`), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(bgpjson.Map[bgpjson.List[int]]{"a,b": {1, 2}, "c": {}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var tooMany bgpjson.Map[int]
	err := json.Unmarshal([]byte("{"+strings.Repeat(`"a":0,`, routerclient.MaxSessions)+`"a":0}`), &tooMany)
	if routerclient.ReasonOf(err) != routerclient.ReasonAnswerTooLarge || tooMany != nil {
		t.Errorf("%d members, error %v, want none and reason %s", len(tooMany), err, routerclient.ReasonAnswerTooLarge)
	}
}
