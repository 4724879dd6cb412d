// Package fix adds a missing neighbor to a router. It types the lines of the remedy with a person's own account, looks
// whether the router then has the neighbor, and takes everything back if the router refuses a line or does not have it.
//
// A [Plan] is the pure part: what to type on a platform, in which order, and what undoes it. [Router] carries it out.
package fix
