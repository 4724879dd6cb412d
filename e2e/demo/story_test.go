package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestStory(t *testing.T) {
	silenceLibraries()
	var out bytes.Buffer
	if err := tell(t.Context(), newScreen(&out, false, time.Now()), ""); err != nil {
		t.Fatalf("%v\nafter:\n%s", err, &out)
	}
	for _, want := range []string{
		"leviathan3   127.0.3.33   True    bgp-unpeered   False       NeighborNotConfigured",
		"      " + forgottenLine,
		"had untolerated taint(s)",
		"after the last line: the waiting pod runs there.",
		"leviathan3   127.0.3.33   True    <none>   True        SessionEstablished",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the story lacks %q:\n%s", want, &out)
		}
	}
}
