package sessiontable_test

import (
	"testing"
	"time"

	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/routerclient"
)

// TestLosses counts sessions that end, and not those of which nothing was heard.
func TestLosses(t *testing.T) {
	inVRF := func(w *watched, after time.Duration, vrf string, sessions ...routerclient.Session) {
		w.Record("edge", sessiontable.Answer{
			Snapshot: &routerclient.Snapshot{Sessions: sessions}, VRF: vrf,
			AskedAt: start.Add(after), AnsweredAt: start.Add(after), StaleAfter: staleAfter,
		})
	}
	for name, test := range map[string]struct {
		before, do func(*watched)
		want       int
	}{
		"the first answer":                 {func(*watched) {}, func(w *watched) { w.answer(0, down(one)) }, 0},
		"nothing happens":                  {func(w *watched) { w.answer(0, up(one, time.Hour)) }, func(w *watched) { w.answer(30*time.Second, up(one, time.Hour+30*time.Second)) }, 0},
		"two of three go down":             {func(w *watched) { w.answer(0, up(one, 0), up(two, 0), up(three, 0)) }, func(w *watched) { w.answer(30*time.Second, down(one), up(two, 0), down(three)) }, 2},
		"a neighbor goes":                  {func(w *watched) { w.answer(0, up(one, 0), up(two, 0)) }, func(w *watched) { w.answer(30*time.Second, up(two, 0)) }, 1},
		"one comes up":                     {func(w *watched) { w.answer(0, down(one)) }, func(w *watched) { w.answer(30*time.Second, up(one, time.Second)) }, 0},
		"one that is down stays down":      {func(w *watched) { w.answer(0, down(one)) }, func(w *watched) { w.answer(30*time.Second, down(one)) }, 0},
		"one is down and up between two":   {func(w *watched) { w.answer(0, up(one, time.Hour)) }, func(w *watched) { w.answer(30*time.Second, up(one, 5*time.Second)) }, 1},
		"minutes are all that is printed":  {func(w *watched) { w.answer(0, up(one, 26*time.Hour)) }, func(w *watched) { w.answer(30*time.Second, up(one, 26*time.Hour)) }, 0},
		"weeks are all that is printed":    {func(w *watched) { w.answer(0, up(one, 80*7*24*time.Hour)) }, func(w *watched) { w.answer(80*time.Second, up(one, 80*7*24*time.Hour)) }, 0},
		"a router's clock is set back":     {func(w *watched) { w.answer(0, up(one, 26*time.Hour)) }, func(w *watched) { w.answer(30*time.Second, up(one, 25*time.Hour)) }, 0},
		"restarted just after the answer":  {func(w *watched) { w.answer(0, up(one, 26*time.Hour)) }, func(w *watched) { w.answer(30*time.Second, up(one, 30*time.Second)) }, 1},
		"a clock that jumps back":          {func(w *watched) { w.answer(0, up(one, time.Hour)) }, func(w *watched) { w.answer(30*time.Second, up(one, 2*time.Hour)) }, 0},
		"the answer before was stale":      {func(w *watched) { w.answer(0, up(one, 0)) }, func(w *watched) { w.answer(staleAfter+1, down(one)) }, 0},
		"the answer before was not, quite": {func(w *watched) { w.answer(0, up(one, 0)) }, func(w *watched) { w.answer(staleAfter, down(one)) }, 1},
		"a poll failed in between": {
			func(w *watched) { w.answer(0, up(one, 0)); w.fail(30*time.Second, "refused") }, func(w *watched) { w.answer(time.Minute, down(one)) }, 1,
		},
		"a poll fails": {func(w *watched) { w.answer(0, up(one, 0)) }, func(w *watched) { w.fail(2*staleAfter, "refused") }, 0},
		"another VRF is asked for": {
			func(w *watched) { w.answer(0, up(one, 0)) }, func(w *watched) { inVRF(w, 30*time.Second, "red", down(one)) }, 0,
		},
		"of two VRFs, that of one": {
			func(w *watched) {
				red := up(one, 0)
				red.VRF = "red"
				inVRF(w, 0, sessiontable.AnyVRF, up(one, 0), red)
			},
			func(w *watched) {
				red := down(one)
				red.VRF = "red"
				inVRF(w, 30*time.Second, sessiontable.AnyVRF, up(one, 0), red)
			}, 1,
		},
		"the router is forgotten": {func(w *watched) { w.answer(0, up(one, 0)) }, func(w *watched) { w.Forget("edge") }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTable()
			test.before(w)
			w.told()
			test.do(w)
			for _, c := range w.told() {
				if c.Losses != test.want {
					t.Errorf("%d sessions have ended, want %d", c.Losses, test.want)
				}
			}
		})
	}
}
