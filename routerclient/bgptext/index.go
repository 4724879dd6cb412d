package bgptext

import "net/netip"

// Key is what tells neighbors apart.
type Key struct {
	// VRF may be "" where all are in one.
	VRF string
	// Peer has the neighbor's interface as its zone.
	Peer netip.Addr
}

// Index numbers the neighbors of a table in the order in which they are added, and finds those that come twice.
//
// Most routers list their neighbors by address. While they do, a neighbor is known to be new from the one before; the
// first that is out of order has a map made of all.
//
// The zero Index is ready for use.
type Index struct {
	keys []Key
	at   map[Key]int
}

// Grow makes room for so many neighbors.
func (x *Index) Grow(n int) { x.keys = make([]Key, 0, n) }

// Add returns the neighbor's number, from 0 on; known is true if it had one before.
func (x *Index) Add(k Key) (number int, known bool) {
	number = len(x.keys)
	if x.at == nil {
		if number == 0 || k.follows(x.keys[number-1]) {
			x.keys = append(x.keys, k)
			return number, false
		}
		x.makeMap()
	}
	if at, known := x.at[k]; known {
		return at, true
	}
	x.at[k] = number
	x.keys = append(x.keys, k)
	return number, false
}

// Find returns the number of a neighbor that was added.
func (x *Index) Find(k Key) (number int, known bool) {
	if x.at == nil {
		x.makeMap()
	}
	number, known = x.at[k]
	return number, known
}

func (k Key) follows(other Key) bool {
	if k.VRF != other.VRF {
		return k.VRF > other.VRF
	}
	return other.Peer.Less(k.Peer)
}

func (x *Index) makeMap() {
	x.at = make(map[Key]int, cap(x.keys))
	for i, k := range x.keys {
		x.at[k] = i
	}
}
