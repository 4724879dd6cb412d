// Package edgeos gives a live BGP router of package bgp the command line of a Ubiquiti EdgeRouter, as far as a
// monitoring account and the person who adds a neighbor use it. [CLI.Run] is a handler for routertest's SSH server.
//
// The words are those that EdgeOS and Vyatta, from which it comes, print themselves.
package edgeos
