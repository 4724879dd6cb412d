package eagergc_test

import (
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"

	"github.com/peergate/peergate/internal/eagergc"
)

func TestFor(t *testing.T) {
	for set, want := range map[int]int{100: 50, 50: 25, 1: 1, -1: -1} {
		synctest.Test(t, func(t *testing.T) {
			defer debug.SetGCPercent(debug.SetGCPercent(set))
			eagergc.For(time.Minute)
			time.Sleep(time.Minute - 1) // of the test's own time
			if got := percent(); got != want {
				t.Errorf("GOGC=%d: %d meanwhile, want %d", set, got, want)
			}
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			if got := percent(); got != set {
				t.Errorf("GOGC=%d: %d afterwards", set, got)
			}
		})
	}
}

func percent() int {
	p := debug.SetGCPercent(-1)
	debug.SetGCPercent(p)
	return p
}
