package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/peergate/peergate/routerclient/routertest"
)

// edge is a router that answers over SSH as FRR does.
type edge struct {
	*routertest.Server

	mu sync.Mutex
	// up is since when each neighbor's session is Established, zero if it is not.
	up map[string]time.Time
	// answered is when each answer had been printed whole, with the number of sessions in it that were Established.
	answered []answer
}

type answer struct {
	at          time.Time
	established int
}

func startEdge() (*edge, error) {
	e := &edge{up: map[string]time.Time{}}
	var err error
	e.Server, err = routertest.Start(routertest.Options{User: "peergate", Password: "peergate", Handler: e.run})
	return e, err
}

// set makes the neighbors of these addresses Established since now, or down.
func (e *edge) set(up bool, addresses ...string) (at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	at = time.Now()
	for _, address := range addresses {
		if up {
			e.up[address] = at
		} else {
			e.up[address] = time.Time{}
		}
	}
	return at
}

// clear takes all neighbors away.
func (e *edge) clear() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.up)
}

// toldOf returns when the router had first printed that so many sessions are Established, of the answers since a time.
func (e *edge) toldOf(established int, since time.Time) (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, a := range e.answered {
		if a.established == established && a.at.After(since) {
			return a.at, true
		}
	}
	return time.Time{}, false
}

// polls is how many answers the router has given since it was cleared.
func (e *edge) polls() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.answered)
}

func (e *edge) run(_ context.Context, command string, stdout, _ io.Writer) int {
	if !strings.Contains(command, "summary json") {
		_, _ = io.WriteString(stdout, "{}\n")
		return 0
	}
	text, established := e.summary(time.Now())
	_, _ = io.WriteString(stdout, text)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answered = append(e.answered, answer{time.Now(), established})
	return 0
}

const (
	summaryHead = `{"default":{"ipv4Unicast":{"routerId":"192.0.2.1","as":64512,"vrfId":0,"vrfName":"default",` +
		`"tableVersion":2,"ribCount":3,"ribMemory":576,"peerMemory":2965856,"peerCount":%[1]d,"failedPeers":0,` +
		`"displayedPeers":%[1]d,"totalPeers":%[1]d,"dynamicPeers":0,"peers":{` + "\n"
	summaryPeer = `%q:{"remoteAs":64513,"localAs":64512,"version":4,"msgRcvd":1000,"msgSent":1000,"tableVersion":0,` +
		`"outq":0,"inq":0,"pfxRcd":3,"pfxSnt":10,"state":%q,"peerState":"OK","connectionsEstablished":1,` +
		`"connectionsDropped":0,"idType":"ipv4","peerUptime":"01:02:03","peerUptimeMsec":%d}`
)

// summary is what "show bgp vrf all summary json" prints.
func (e *edge) summary(now time.Time) (text string, established int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, summaryHead, len(e.up))
	separator := ""
	for address, since := range e.up {
		state, uptime := "Active", int64(0)
		if !since.IsZero() {
			established++
			state, uptime = "Established", now.Sub(since).Milliseconds()
		}
		b.WriteString(separator)
		fmt.Fprintf(&b, summaryPeer, address, state, uptime)
		separator = ",\n"
	}
	b.WriteString("}}}}\n")
	return b.String(), established
}

// address is that of the node of a number.
func address(i int) string {
	return "10." + strconv.Itoa(20+i>>16) + "." + strconv.Itoa(i>>8&255) + "." + strconv.Itoa(i&255)
}
