package routerclient

import "context"

// Runner runs one command on a router and returns what it printed: SSH's exec channel, or a recording of it.
type Runner interface {
	// Run returns once the command has ended. A command that ran and exited non-zero is not an error: drivers read
	// the platform's words before its exit status. Errors carry a Reason.
	Run(ctx context.Context, command string) (Output, error)
	// Close ends the connection. It may be called more than once.
	Close() error
}

// Output is what one command printed. Stdout and Stderr stay apart: warnings on one would break the JSON on the other.
type Output struct {
	Stdout, Stderr []byte
	// ExitStatus is the command's exit status, or -1 if the router sent none (as many Cisco IOS releases do).
	ExitStatus int
}
