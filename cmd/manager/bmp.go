package main

import (
	"fmt"
	"net"
	"strconv"

	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/peergate/peergate/internal/bmpstation"
	"github.com/peergate/peergate/internal/options"
	"github.com/peergate/peergate/internal/sessiontable"
)

// noAddress is the value of a flag for an address that is not listened on.
const noAddress = "0"

// addBMP adds the station for routers that tell of their sessions by themselves.
func addBMP(mgr manager.Manager, o options.Options, table *sessiontable.Table, streams *bmpstation.Streams) error {
	if o.BMP.Address == noAddress {
		return nil
	}
	station := &bmpstation.Station{
		Address: o.BMP.Address, Client: mgr.GetClient(), Informers: mgr.GetCache(), Namespace: o.Namespace,
		Table: table, Streams: streams, Clock: clock.RealClock{},
	}
	if o.BMP.Service != "" {
		_, port, err := net.SplitHostPort(o.BMP.Address)
		if err != nil {
			return fmt.Errorf("reading --bmp-bind-address: %w", err)
		}
		number, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return fmt.Errorf("reading --bmp-bind-address: %w", err)
		}
		endpoint := &bmpstation.Endpoint{
			Live: mgr.GetAPIReader(), Writer: mgr.GetClient(), Namespace: o.Namespace, Service: o.BMP.Service,
			PodIP: o.BMP.PodIP, Node: o.BMP.Node, Port: int32(number),
		}
		station.Publish = endpoint.Publish
	}
	return mgr.Add(station)
}
