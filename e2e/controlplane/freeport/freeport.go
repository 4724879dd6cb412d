// Package freeport finds loopback ports for servers that must be told their port before they start, and that must find
// it free again when they are restarted.
package freeport

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
)

// The range lies below Linux's ephemeral ports (32768 and up). A port from there could be taken by anyone's outgoing
// connection, or by anyone who listens on port 0, while the server that owns it is stopped.
const (
	first = 20000
	last  = 32767
)

const attempts = 100

var given = struct {
	sync.Mutex
	ports map[uint16]bool
}{ports: make(map[uint16]bool)}

// Loopback returns an address on 127.0.0.1 on which nothing listens, and which it has not returned before.
func Loopback() (netip.AddrPort, error) {
	given.Lock()
	defer given.Unlock()
	err := errors.New("all were given before")
	for range attempts {
		port := uint16(first + rand.IntN(last-first+1))
		if given.ports[port] {
			continue
		}
		address := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
		var listener net.Listener
		if listener, err = net.Listen("tcp", address.String()); err != nil {
			continue
		}
		listener.Close()
		given.ports[port] = true
		return address, nil
	}
	return netip.AddrPort{}, fmt.Errorf("finding a free port: %d attempts, the last: %w", attempts, err)
}
