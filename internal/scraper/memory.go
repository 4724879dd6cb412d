package scraper

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

const (
	// allowedFor is how long the API server is not asked again about what it allowed, refusedFor about what it refused:
	// a permission that was just granted is wanted soon.
	allowedFor = time.Minute
	refusedFor = 10 * time.Second
	// maxKnown bounds the memory that tokens can be made to take.
	maxKnown = 1000
)

// question is what the API server was asked. It holds no token: what does not know it cannot lose it.
type question struct {
	token      [sha256.Size]byte
	verb, path string
}

func questionOf(token string, r *http.Request) question {
	return question{token: sha256.Sum256([]byte(token)), verb: strings.ToLower(r.Method), path: r.URL.Path}
}

// memory keeps answers of the API server for a while.
type memory struct {
	clock clock.PassiveClock
	mu    sync.Mutex
	known map[question]knownUntil
}

type knownUntil struct {
	status int
	until  time.Time
}

func newMemory(c clock.PassiveClock) *memory {
	return &memory{clock: c, known: map[question]knownUntil{}}
}

func (m *memory) get(q question) (status int, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	k, ok := m.known[q]
	return k.status, ok && m.clock.Now().Before(k.until)
}

func (m *memory) put(q question, status int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxKnown {
		clear(m.known)
	}
	lasts := refusedFor
	if status == http.StatusOK {
		lasts = allowedFor
	}
	m.known[q] = knownUntil{status: status, until: m.clock.Now().Add(lasts)}
}
