package sshexec

import "time"

// SetReuseTimeout shortens the wait for a kept connection that is dead.
func SetReuseTimeout(r *Runner, d time.Duration) { r.reuseTimeout = d }

// SetCloseGrace shortens the wait for a router to close the channel of a command that has ended.
func SetCloseGrace(r *Runner, d time.Duration) { r.closeGrace = d }
