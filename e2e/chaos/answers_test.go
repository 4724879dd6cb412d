package chaos_test

import (
	"sort"
	"sync"
	"time"
)

// answers is what one router has answered so far: the truth, as far as anybody could have known it.
type answers struct {
	mu  sync.Mutex
	all []answer
}

type answer struct {
	at time.Time
	// established are the addresses with an Established session. It is shared by answers, and never modified.
	established map[string]bool
}

func (a *answers) record(at time.Time, established map[string]bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, answer{at: at, established: established})
}

// said is whether any answer from one time to another said that the address has an Established session, and whether any
// said that it has none.
func (a *answers) said(address string, from, to time.Time) (established, down bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	first := sort.Search(len(a.all), func(i int) bool { return !a.all[i].at.Before(from) })
	for _, answer := range a.all[first:] {
		switch {
		case answer.at.After(to):
			return established, down
		case answer.established[address]:
			established = true
		default:
			down = true
		}
	}
	return established, down
}
