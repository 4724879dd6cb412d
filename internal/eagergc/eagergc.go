// Package eagergc has the garbage collector work harder for a while.
package eagergc

import (
	"runtime/debug"
	"time"
)

// For halves GOGC for a duration, and then puts it back. Garbage takes half as much memory, and collecting it up to twice
// as much of the processor. A process that has the garbage collector switched off is left as it is.
func For(d time.Duration) {
	percent := debug.SetGCPercent(-1) // there is no way to read it only
	if percent < 2 {
		debug.SetGCPercent(percent)
		return
	}
	debug.SetGCPercent(percent / 2)
	time.AfterFunc(d, func() { debug.SetGCPercent(percent) })
}
