package bgptext

import "github.com/peergate/peergate/routerclient"

// Families is the room for the address families of a table's sessions. Most sessions have one: together they take an
// allocation for some hundred sessions in place of one each.
//
// The zero Families is ready for use.
type Families struct{ room []routerclient.Family }

// familiesAtOnce is how many families are made room for at a time.
const familiesAtOnce = 256

// Append is the builtin append for the families of one session.
func (f *Families) Append(families []routerclient.Family, family routerclient.Family) []routerclient.Family {
	if len(families) > 0 {
		return append(families, family)
	}
	if len(f.room) == cap(f.room) {
		f.room = make([]routerclient.Family, 0, familiesAtOnce)
	}
	f.room = append(f.room, family)
	// The capacity is cut so that a second family of this session does not overwrite the first of the next.
	return f.room[len(f.room)-1 : len(f.room) : len(f.room)]
}
