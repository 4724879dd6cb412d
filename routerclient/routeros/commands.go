package routeros

import "strings"

// The requests name the properties they want. The others are of no use, and one of a connection is the TCP-MD5 key.
var (
	getConnections = getList("/routing/bgp/connection", "name", "remote.address", "remote.as", "as", "vrf", "listen", "templates",
		"disabled", "inactive")
	getSessions = getList("/routing/bgp/session", "name", "remote.address", "remote.as", "remote.id", "remote.afi", "local.as",
		"local.id", "local.afi", "vrf", "established", "stopped", "limit-exceeded", "uptime", "prefix-count",
		"input.last-notification", "output.last-notification")
)

func getList(path string, properties ...string) string {
	return "GET /rest" + path + "?.proplist=" + strings.Join(properties, ",")
}

const printVersion = ":put [/system resource get version]"

// putLists prints the connections and then the sessions, one JSON array each. It names no properties: where a release
// lacks one of them, the command line refuses the whole command. Nor does it name the option that keeps text from
// becoming numbers, which the first releases with JSON lack; so numbers come out as 443.000000.
const putLists = ":put [:serialize to=json value=[/routing/bgp/connection/print as-value]]; " +
	":put [:serialize to=json value=[/routing/bgp/session/print as-value]]"

// The marks that printPeers puts around its lists.
const (
	peersMark     = "# peers "
	instancesMark = "# instances"
	endMark       = "# end"
)

// printPeers prints the neighbors of RouterOS 6 behind their number, and then the instances, which hold the router's own
// AS numbers and routing tables.
const printPeers = `:put ("` + peersMark + `" . [:len [/routing bgp peer find]]); ` +
	"/routing bgp peer print status without-paging; " +
	`:put "` + instancesMark + `"; ` +
	"/routing bgp instance print detail without-paging; " +
	`:put "` + endMark + `"`
