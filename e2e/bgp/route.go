package bgp

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	api "github.com/osrg/gobgp/v4/api"
	"github.com/osrg/gobgp/v4/pkg/apiutil"
	gobgp "github.com/osrg/gobgp/v4/pkg/packet/bgp"
)

// Route is where a router has been told to send the packets for a prefix.
type Route struct {
	Prefix netip.Prefix
	// NextHops are in order of address.
	NextHops []NextHop
}

// NextHop is one of the neighbors that announce a prefix.
type NextHop struct {
	Addr netip.Addr
	// LearnedAt is to the second.
	LearnedAt time.Time
}

// Routes are the router's IPv4 routes, in order of prefix.
func (r *Router) Routes() ([]Route, error) {
	var routes []Route
	request := apiutil.ListPathRequest{TableType: api.TableType_TABLE_TYPE_GLOBAL, Family: gobgp.RF_IPv4_UC}
	err := r.server.ListPath(request, func(nlri gobgp.NLRI, paths []*apiutil.Path) {
		// The table holds unicast IPv4, whose only NLRI is a prefix.
		route := Route{Prefix: nlri.(*gobgp.IPAddrPrefix).Prefix}
		for _, path := range paths {
			route.NextHops = append(route.NextHops, NextHop{Addr: nextHopOf(path), LearnedAt: time.Unix(path.Age, 0)})
		}
		slices.SortFunc(route.NextHops, func(a, b NextHop) int { return a.Addr.Compare(b.Addr) })
		routes = append(routes, route)
	})
	if err != nil {
		return nil, fmt.Errorf("listing the routes of %s: %w", r.addr, err)
	}
	slices.SortFunc(routes, func(a, b Route) int { return a.Prefix.Compare(b.Prefix) })
	return routes, nil
}

func nextHopOf(path *apiutil.Path) netip.Addr {
	for _, attribute := range path.Attrs {
		if nextHop, ok := attribute.(*gobgp.PathAttributeNextHop); ok {
			return nextHop.Value
		}
	}
	return netip.Addr{}
}
