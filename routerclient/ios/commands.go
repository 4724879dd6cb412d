package ios

const showSummary = "show bgp all summary"

// countGroups counts the lines of the summary that introduce the listen ranges of a peer group.
const countGroups = showSummary + " | count listen range group members"

// showNeighbors has the router leave out what is not needed of some 70 lines a neighbor. IOS takes command lines of at
// most 254 characters.
const showNeighbors = "show bgp all neighbors | include For address family|BGP neighbor is|Member of peer-group|" +
	"Administratively shut|remote router ID|BGP state =|Address family|Last reset"
