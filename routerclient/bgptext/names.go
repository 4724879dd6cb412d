package bgptext

import "strings"

// Names holds the VRFs and peer groups of a table. The neighbors share a few of them: kept here, each is made fit for
// the model once, and none keeps the router's whole answer in memory as a part of it would.
//
// The zero Names is ready for use.
type Names struct {
	clean map[string]string
	// last and lastClean are what was asked for last, mostly what is asked for next.
	last, lastClean string
}

// maxName bounds a name in bytes. No platform allows longer ones.
const maxName = 200

// Printable returns the name as [Printable] does.
func (n *Names) Printable(name string) string {
	if name == n.last {
		return n.lastClean
	}
	clean, known := n.clean[name]
	if !known {
		if n.clean == nil {
			n.clean = map[string]string{}
		}
		clean = Printable(name, maxName)
		n.clean[strings.Clone(name)] = clean
	}
	n.last, n.lastClean = strings.Clone(name), clean
	return clean
}
