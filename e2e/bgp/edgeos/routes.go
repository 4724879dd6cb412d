package edgeos

import (
	"fmt"
	"io"
	"strings"
)

const (
	routesHead = `IP Route Table for VRF "default"` + "\n"
	// routeStart precedes a route's prefix. 200 is the administrative distance of iBGP.
	routeStart = "B    *> "
	routeRow   = "%s [200/0] via %s, lo, %s\n"
	// nextHopStart precedes the further next hops of a route, below its own.
	nextHopStart = "     *> "
)

// showRoutes answers "show ip route bgp": a route's first next hop is on its own line, the others below it.
func (c CLI) showRoutes(w io.Writer) error {
	routes, err := c.Router.Routes()
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(routesHead)
	for _, route := range routes {
		start := routeStart + route.Prefix.String()
		for _, hop := range route.NextHops {
			fmt.Fprintf(&b, routeRow, start, hop.Addr, formatUptime(c.Clock.Since(hop.LearnedAt)))
			start = nextHopStart + strings.Repeat(" ", len(route.Prefix.String()))
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}
