package bmpstation_test

import (
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/bmp"
	"github.com/peergate/peergate/internal/bmpstation"
	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/internal/verdict"
)

// behind is a router at another address that connects from the one that all do here.
func behind(address, vrf string) func(*v1alpha1.BGPRouterSpec) {
	return func(s *v1alpha1.BGPRouterSpec) {
		s.Address, s.VRF, s.BMP.SourceAddresses = address, vrf, []string{"127.0.0.1"}
	}
}

// TestOneAddressOfTwoRouters: what one of two routers behind one address says must not be taken for the other's word. Which
// of the two says it nobody knows, unless each has a VRF of its own.
func TestOneAddressOfTwoRouters(t *testing.T) {
	otherSecret := func(s *v1alpha1.BGPRouterSpec) {
		secured(s)
		s.BMP.TLS.SecretRef.Name = "other-bmp"
	}
	tests := map[string]struct {
		a, b []func(*v1alpha1.BGPRouterSpec)
		want string
	}{
		"two routers": {
			[]func(*v1alpha1.BGPRouterSpec){behind("192.0.2.1", "default")}, []func(*v1alpha1.BGPRouterSpec){behind("192.0.2.2", "default")},
			"BGPRouter a has another spec.address, the same VRF",
		},
		"two ports": {
			[]func(*v1alpha1.BGPRouterSpec){behind("127.0.0.1:2201", "default")}, []func(*v1alpha1.BGPRouterSpec){behind("127.0.0.1:2202", "default")},
			"BGPRouter a has another spec.address, the same VRF",
		},
		"one in any VRF": {
			[]func(*v1alpha1.BGPRouterSpec){behind("192.0.2.1", sessiontable.AnyVRF)}, []func(*v1alpha1.BGPRouterSpec){behind("192.0.2.2", "red")},
			"BGPRouter a has another spec.address, the same VRF",
		},
		"two Secrets": {
			[]func(*v1alpha1.BGPRouterSpec){secured}, []func(*v1alpha1.BGPRouterSpec){otherSecret},
			"another BGPRouter connects from there with Secret edge-bmp",
		},
		"of two VRFs": {
			[]func(*v1alpha1.BGPRouterSpec){behind("192.0.2.1", "red")}, []func(*v1alpha1.BGPRouterSpec){behind("192.0.2.2", "blue")}, "",
		},
		"two BGPRouters of one": {
			[]func(*v1alpha1.BGPRouterSpec){behind("192.0.2.1", "default")}, []func(*v1alpha1.BGPRouterSpec){behind("192.0.2.1", "default")}, "",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := start(t, router("a", test.a...), router("b", test.b...))
			r.eventuallyState("b", "a reason", func(s bmpstation.State) bool {
				if test.want == "" {
					return s.Reason == v1alpha1.ReasonBMPNoConnection
				}
				return s.Reason == v1alpha1.ReasonBMPAddressShared && strings.Contains(s.Message, test.want)
			})
		})
	}
}

// TestAddressIsSharedNoMore: neither router is believed while nobody knows which of them tells, and the one that is left is.
func TestAddressIsSharedNoMore(t *testing.T) {
	b := router("b", behind("192.0.2.2", "default"))
	r := start(t, router("a", behind("192.0.2.1", "default")), b)
	r.eventuallyState("a", "a shared address", func(s bmpstation.State) bool { return s.Reason == v1alpha1.ReasonBMPAddressShared })
	conn := r.dial()
	_, _ = conn.Write(append(slices.Clip(initiation), up(bmp.GlobalInstance, "")...)) // it may be closed already
	closedByStation(t, conn)

	r.change(b, func() { b.Spec.BMP.SourceAddresses = []string{"192.0.2.2"} })
	r.eventuallyState("a", "an address of its own", func(s bmpstation.State) bool { return s.Reason == v1alpha1.ReasonBMPNoConnection })
	for _, name := range []string{"a", "b"} {
		if got := r.says(name); got != verdict.Unknown {
			t.Errorf("router %s says %s", name, got)
		}
	}
	r.send(r.dial(), initiation, up(bmp.GlobalInstance, ""))
	eventually(t, "a is believed", func() bool { return r.says("a") == verdict.Established })
	if got := r.says("b"); got != verdict.Unknown {
		t.Errorf("router b says %s", got)
	}
}

func closedByStation(t *testing.T, conn net.Conn) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the station does not close the connection: %v", err)
	}
}
