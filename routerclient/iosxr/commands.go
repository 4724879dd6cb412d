package iosxr

const showProcess = "show bgp process detail"

// wantedLines has the router leave out what is not needed of some 70 lines a neighbor.
const wantedLines = ` | include "BGP neighbor is|Remote AS|Remote router ID|BGP state|dministratively shut|defaults to|` +
	`Address family|For Address Family|accepted prefixes|Connections established|Last reset"`

const (
	showNeighbors    = "show bgp neighbors" + wantedLines
	showVRFNeighbors = "show bgp vrf all neighbors" + wantedLines
)
