package main

import (
	"context"
	"errors"
)

// errInterrupted is returned where a person interrupts instead of answering.
var errInterrupted = errors.New("interrupted")

// asked waits for what a person types, or until they interrupt: SIGINT ends a context here, and no read. The read is left
// behind then; the process is about to end.
func asked[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	typed := make(chan answer, 1)
	go func() {
		value, err := read()
		typed <- answer{value, err}
	}()
	select {
	case a := <-typed:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, errInterrupted
	}
}
