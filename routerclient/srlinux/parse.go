package srlinux

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgpjson"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// maxDetail is the limit of routerclient.Session.Detail in bytes.
const maxDetail = 200

// instance is BGP in one network instance.
type instance struct {
	vrf          string
	routerID     netip.Addr
	asn          uint32
	totalPeers   uint64
	sessions     []routerclient.Session
	listenRanges []routerclient.ListenRange
	// established is since when each session has been up, by the router's clock.
	established []time.Time
}

func parseBGP(out routerclient.Output) ([]*instance, error) {
	const action = "reading the BGP state"
	scanner, found := bgpjson.NewScanner(out.Stdout, '{')
	if !found {
		return nil, withoutJSON(action, out)
	}
	r := reader{Scanner: scanner}
	if err := r.read(); err != nil {
		return nil, bgpjson.Error(action, err)
	}
	if len(r.instances) == 0 {
		return nil, routerclient.Errorf(routerclient.ReasonBGPNotRunning, "%s: no network instance runs BGP", action)
	}
	return r.instances, nil
}

// name is given to what its network instance has, once that is read whole.
func (i *instance) name(vrf string) error {
	if i.vrf = bgptext.Printable(vrf, maxDetail); i.vrf == "" {
		return errors.New("a network instance without a name")
	}
	for n := range i.sessions {
		i.sessions[n].VRF, i.sessions[n].LocalASN = i.vrf, i.asn
	}
	for n := range i.listenRanges {
		i.listenRanges[n].VRF = i.vrf
	}
	if uint64(len(i.sessions)) < i.totalPeers {
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated,
			"network instance %s: %d neighbors where the router counts %d", i.vrf, len(i.sessions), i.totalPeers)
	}
	return nil
}

func (i *instance) hasSessionUp() bool {
	return slices.ContainsFunc(i.sessions, func(s routerclient.Session) bool { return s.State == routerclient.Established })
}

// maxUptime is longer than any session lasts. A session that came up before the clock was set seems to last since 1970.
const maxUptime = 10 * 365 * 24 * time.Hour

// setUptimes leaves 0, for not known, where the router's clock was set meanwhile, or is not known itself.
func (i *instance) setUptimes(clock time.Time) {
	for n := range i.sessions {
		if up := clock.Sub(i.established[n]); i.sessions[n].State == routerclient.Established && up > 0 && up < maxUptime {
			i.sessions[n].Uptime = up
		}
	}
}

// parseClock returns the zero Time for an answer that it does not understand.
func parseClock(out routerclient.Output) time.Time {
	scanner, found := bgpjson.NewScanner(out.Stdout, '{')
	if !found {
		return time.Time{}
	}
	r := reader{Scanner: scanner}
	var clock []byte
	err := r.member("system", func() error {
		return r.member("information", func() error {
			return r.member("current-datetime", func() (err error) {
				clock, err = r.Scalar()
				return err
			})
		})
	})
	if err != nil || r.End() != nil {
		return time.Time{}
	}
	return parseTime(clock)
}

func snapshot(instances []*instance) *routerclient.Snapshot {
	s := &routerclient.Snapshot{}
	for _, i := range instances {
		inDefault := i.vrf == routerclient.DefaultVRF
		if inDefault {
			s.LocalASN = i.asn
		}
		if i.routerID.IsValid() && (inDefault || !s.RouterID.IsValid()) {
			s.RouterID = i.routerID
		}
		s.Sessions = append(s.Sessions, i.sessions...)
		s.ListenRanges = append(s.ListenRanges, i.listenRanges...)
	}
	return s
}

// withoutJSON is the error for an answer that holds no JSON at all.
func withoutJSON(action string, out routerclient.Output) error {
	words := posixsh.Words(out)
	lower := strings.ToLower(words)
	switch err := posixsh.Refused(out); {
	case err != nil:
		return fmt.Errorf("%s: %w", action, err)
	case strings.Contains(lower, "not authorized"), strings.Contains(lower, "permission denied"):
		return routerclient.Errorf(routerclient.ReasonPermissionDenied, "%s: the router refused: %s", action, words)
	case words == "no output" && out.ExitStatus <= 0:
		return routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: the answer is empty", action)
	}
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: no JSON in the answer (exit status %d): %s", action, out.ExitStatus, words)
}
