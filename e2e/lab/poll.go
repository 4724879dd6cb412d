package lab

import (
	"context"
	"fmt"
	"time"
)

// pollInterval is how often a state that nobody announces is looked at again.
const pollInterval = 50 * time.Millisecond

// poll asks until there is no error. If ctx ends first, it returns the last error.
func poll(ctx context.Context, what string, ask func() error) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	var last error
	for {
		err := ask()
		if err == nil {
			return nil
		}
		// An error after the end is that of a question cut short, and says less than the one before.
		if ctx.Err() == nil || last == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w: %w", what, ctx.Err(), last)
		case <-ticker.C:
		}
	}
}
