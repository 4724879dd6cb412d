package conformance

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/replay"
)

// testBrokenWays breaks the way to the router at each command. Unless the driver can do without the answer, the error
// keeps its reason.
func testBrokenWays(t *testing.T, d Driver, whole *replay.Runner, want *routerclient.Snapshot) {
	for n := range whole.Asked() {
		broken := &brokenWay{Runner: replay.Runner{Answers: whole.Answers}, working: n}
		got, err := Ask(t, d.New, broken)
		if err == nil {
			checkNothingLost(t, fmt.Sprintf("way broken at command %d", n+1), want, got)
		} else if reason := routerclient.ReasonOf(err); reason != routerclient.ReasonHostKeyMismatch {
			t.Errorf("way broken at command %d: reason %s, want the way's own %s", n+1, reason, routerclient.ReasonHostKeyMismatch)
		}
	}
}

// brokenWay answers a number of commands and then fails, for a reason that no driver would find by itself.
type brokenWay struct {
	replay.Runner
	working int
}

func (b *brokenWay) Run(ctx context.Context, command string) (routerclient.Output, error) {
	if b.working == 0 {
		return routerclient.Output{}, routerclient.Errorf(routerclient.ReasonHostKeyMismatch, "host key mismatch")
	}
	b.working--
	return b.Runner.Run(ctx, command)
}

// testDamage damages the answer to each command in turn.
func testDamage(t *testing.T, d Driver, whole *replay.Runner, want *routerclient.Snapshot, withGarbage bool) {
	for n, command := range whole.Asked() {
		askWith := func(t *testing.T, stdout []byte) (*routerclient.Snapshot, error) {
			t.Helper()
			answers := maps.Clone(whole.Answers)
			out := answers[command]
			out.Stdout = stdout
			answers[command] = out
			return Ask(t, d.New, &replay.Runner{Answers: answers})
		}
		stdout := whole.Answers[command].Stdout
		t.Run(fmt.Sprintf("noise in command %d", n+1), func(t *testing.T) {
			for name, noisy := range noise(stdout) {
				got, err := askWith(t, noisy)
				if diff := cmp.Diff(string(render(t, want, nil)), string(render(t, got, err))); diff != "" {
					t.Errorf("%s: the answer reads differently (-clean +noisy):\n%s", name, diff)
				}
			}
		})
		t.Run(fmt.Sprintf("damage to command %d", n+1), func(t *testing.T) {
			damaged := damages(stdout)
			if withGarbage {
				maps.Copy(damaged, garbage(stdout))
			}
			for name, damaged := range damaged {
				if got, err := askWith(t, damaged); err == nil {
					checkNothingLost(t, name, want, got)
				}
			}
		})
	}
}

// noise is what careless terminals and daemons add to an answer without taking anything from it.
func noise(stdout []byte) map[string][]byte {
	return map[string][]byte{
		"CRLF line ends":    bytes.ReplaceAll(stdout, []byte("\n"), []byte("\r\n")),
		"NUL bytes":         interleave(stdout, "\x00", 7),
		"colours":           interleave(stdout, "\x1b[1;32m", 11),
		"trailing newlines": slices.Concat(stdout, []byte("\n\n")),
	}
}

func interleave(stdout []byte, piece string, every int) []byte {
	var b bytes.Buffer
	for chunk := range slices.Chunk(stdout, every) {
		b.WriteString(piece)
		b.Write(chunk)
	}
	return b.Bytes()
}

// damages are answers with something missing.
func damages(stdout []byte) map[string][]byte {
	damaged := map[string][]byte{"empty": nil, "one newline": []byte("\n")}
	for tenth := 1; tenth < 10; tenth++ {
		damaged[fmt.Sprintf("cut at %d/10", tenth)] = stdout[:len(stdout)*tenth/10]
	}
	lines := bytes.SplitAfter(stdout, []byte("\n"))
	for n := range lines {
		damaged[fmt.Sprintf("without line %d", n+1)] = without(lines, n, n+1)
	}
	// Not the middle: where two VRFs have one neighbor each, cutting from the midst of one to the midst of the other
	// leaves a whole table, and no driver could tell.
	damaged["without the first half"] = without(lines, 0, len(lines)/2)
	damaged["without the second half"] = without(lines, len(lines)/2, len(lines))
	damaged["without every second line"] = everySecond(lines)
	return damaged
}

func without(lines [][]byte, from, to int) []byte {
	return slices.Concat(bytes.Join(lines[:from], nil), bytes.Join(lines[to:], nil))
}

func everySecond(lines [][]byte) []byte {
	var kept []byte
	for n := 0; n < len(lines); n += 2 {
		kept = append(kept, lines[n]...)
	}
	return kept
}

// garbage is ten megabytes each of what a confused or hostile router might send.
func garbage(stdout []byte) map[string][]byte {
	const size = 10 << 20
	random := make([]byte, size)
	source := rand.NewChaCha8([32]byte{})
	_, _ = source.Read(random)
	fill := func(piece string) []byte { return bytes.Repeat([]byte(piece), size/len(piece)) }
	half := stdout[:len(stdout)/2]
	return map[string][]byte{
		"random bytes":             random,
		"one endless line":         fill("x"),
		"endless blank lines":      fill("\n"),
		"endless words":            fill("4 "),
		"half, then random bytes":  slices.Concat(half, random),
		"half, then endless line":  slices.Concat(half, fill("x")),
		"half, then endless words": slices.Concat(half, fill("4 ")),
		"half, over and over":      fill(string(half) + "\n"),
		"nested objects":           fill(`{"a":`),
		"nested arrays":            fill("["),
		"half, then nested":        slices.Concat(half, fill(`{"a":`)),
		"an endless number":        slices.Concat([]byte(`{"a":`), fill("9")),
		"an endless string":        slices.Concat([]byte(`{"`), fill("a")),
		"endless NUL bytes":        fill("\x00"),
		"endless escapes":          fill("\x1b["),
	}
}

// checkNothingLost fails if a neighbor or listen range of the whole answer is missing, or a session has come up, in a
// snapshot that was made from a damaged one.
func checkNothingLost(t *testing.T, damage string, whole, got *routerclient.Snapshot) {
	t.Helper()
	states := map[string]routerclient.State{}
	for _, s := range got.Sessions {
		states[neighbor(s)] = s.State
	}
	for _, s := range whole.Sessions {
		state, found := states[neighbor(s)]
		if !found {
			t.Errorf("%s: a snapshot without neighbor %s", damage, neighbor(s))
		}
		if state == routerclient.Established && s.State != state {
			t.Errorf("%s: neighbor %s is %s, and %s in the whole answer", damage, neighbor(s), state, s.State)
		}
	}
	for _, r := range whole.ListenRanges {
		if !slices.ContainsFunc(got.ListenRanges, func(g routerclient.ListenRange) bool { return g.VRF == r.VRF && g.Prefix == r.Prefix }) {
			t.Errorf("%s: a snapshot without listen range %s", damage, r.Prefix)
		}
	}
}

// neighbor names a session by what tells it from others. The address of an unnumbered one may come from an answer that
// a driver can do without.
func neighbor(s routerclient.Session) string {
	if s.Interface != "" && (!s.Peer.IsValid() || s.Peer.IsLinkLocalUnicast()) {
		return s.VRF + " " + s.Interface
	}
	return s.VRF + " " + s.Peer.String()
}
