package main

import (
	"bytes"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/e2e/demo/film"
)

func TestLinesToType(t *testing.T) {
	const message = `Held: the taint keeps pods away until router edge has an Established session with this node.
Router edge has no neighbor 127.0.3.33.
Type on edge:
  configure
  set protocols bgp 64512 neighbor 127.0.3.33 remote-as 64512
  commit
Save it afterwards.`
	tests := map[string]struct {
		message string
		want    []string
		wantErr string
	}{
		"as the condition has them": {message: message, want: []string{"configure", forgottenLine, "commit"}},
		"no lines":                  {message: "Router edge answers no more.", wantErr: "the condition does not say what to type"},
		"placeholder for the ASN": {
			message: strings.Replace(message, "remote-as 64512", "remote-as <ASN>", 1),
			wantErr: "the condition does not say to type \"" + forgottenLine,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := linesToType(test.message)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if test.wantErr == "" && err != nil || test.wantErr != "" && (err == nil || !strings.HasPrefix(err.Error(), test.wantErr)) {
				t.Errorf("got error %v, want one that begins %q", err, test.wantErr)
			}
		})
	}
}

// TestPicture: the picture of the README tells the story to its end, and who sees no more than its first screen has seen
// what it is about.
func TestPicture(t *testing.T) {
	picture, err := os.ReadFile("../../docs/images/demo.svg")
	if err != nil {
		t.Fatal(err)
	}
	drawn := regexp.MustCompile(`<text [^>]*y="(\d+)"[^>]*>(.*)</text>`).FindAllStringSubmatch(string(picture), -1)
	if len(drawn) == 0 {
		t.Fatal("it has no text")
	}
	var first []string
	for _, text := range drawn {
		y, err := strconv.Atoi(text[1])
		if err != nil {
			t.Fatal(err)
		}
		if y < film.Height {
			first = append(first, text[2])
		}
	}
	if screen := strings.Join(first, "\n"); !strings.Contains(screen, "NeighborNotConfigured") {
		t.Errorf("its first screen does not show the node that is held:\n%s", screen)
	}
	if last := drawn[len(drawn)-1][2]; !strings.HasPrefix(last, "That was the story") {
		t.Errorf("it ends with %q", last)
	}
}

func TestQuotedAsInAShell(t *testing.T) {
	const want = `get node leviathan3 -o 'jsonpath={.status.conditions[?(@.type=="BGPPeered")].message}'`
	if got := quoted([]string{"get", "node", "leviathan3", "-o", message("BGPPeered")}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestColoursOnlyOnATerminal(t *testing.T) {
	for colours, want := range map[bool]string{
		false: "    $ kubectl get nodes\n    NAME\n    leviathan1\n",
		true:  "    \x1b[36m$ kubectl get nodes\x1b[0m\n    NAME\n    leviathan1\n",
	} {
		var out bytes.Buffer
		s := newScreen(&out, colours, time.Now())
		s.typed("$", "kubectl get nodes")
		s.printed("NAME\nleviathan1  \n\n")
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("colours %t (-want +got):\n%s", colours, diff)
		}
	}
}
