package sshexec

import "time"

// SetReuseTimeout shortens the wait for a kept connection that is dead.
func SetReuseTimeout(r *Runner, d time.Duration) { r.reuseTimeout = d }
