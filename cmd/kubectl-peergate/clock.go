package main

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clockTolerance is how far this machine's clock may be from the API server's before the latter counts: a Date header has
// whole seconds, and takes its time to come here.
const clockTolerance = 5 * time.Second

// serverClock tells the time by the API server's clock, as its answers show it: ages, and whether somebody leads, are
// counted from what was written by other machines than this one.
type serverClock struct{ ahead atomic.Int64 } // nanoseconds of the API server's clock before this machine's

func (c *serverClock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// heed takes the Date header of an answer that came at a time.
func (c *serverClock) heed(date string, at time.Time) {
	server, err := http.ParseTime(date)
	if err != nil {
		return // whatever it is that answers, it is no clock
	}
	ahead := server.Sub(at)
	if ahead.Abs() <= clockTolerance {
		ahead = 0
	}
	c.ahead.Store(int64(ahead))
}

// dated reads the Date header of each answer.
type dated struct {
	http.RoundTripper
	clock *serverClock
}

func (d dated) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := d.RoundTripper.RoundTrip(request)
	if err == nil {
		d.clock.heed(response.Header.Get("Date"), time.Now())
	}
	return response, err
}
