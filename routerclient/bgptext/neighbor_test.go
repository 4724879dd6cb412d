package bgptext_test

import (
	"testing"
	"time"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

func TestParseNeighborState(t *testing.T) {
	for line, want := range map[string]bgptext.NeighborState{
		"BGP state = Established, up for 8w0d":                   {State: routerclient.Established, Uptime: 56 * 24 * time.Hour},
		"BGP state = Established , up for 8w0d":                  {State: routerclient.Established, Uptime: 56 * 24 * time.Hour},
		"BGP state = Established":                                {State: routerclient.Established},
		"BGP state = Idle":                                       {State: routerclient.Idle},
		"BGP state = Idle (No best local address found)":         {State: routerclient.Idle, Qualifier: "No best local address found"},
		"BGP state = Idle, down for 02:19:37, retry in 0.000000": {State: routerclient.Idle},
		"BGP state = Active, up for 00:00:01":                    {State: routerclient.Active},
		"BGP state = Establ":                                     {State: routerclient.Unrecognized},
	} {
		if got, ok := bgptext.ParseNeighborState([]byte(line)); !ok || got != want {
			t.Errorf("%q: %+v, %t, want %+v", line, got, ok, want)
		}
	}
	for _, line := range []string{"", "Description: BGP state = Established", "BGP version 4, remote router ID 192.0.2.1"} {
		if got, ok := bgptext.ParseNeighborState([]byte(line)); ok {
			t.Errorf("%q: %+v, want no state", line, got)
		}
	}
}

func TestLastReset(t *testing.T) {
	for line, want := range map[string]string{
		"Last reset never": "",
		"Last reset 6w3d, due to Peer closed the session of session 1":                    "Peer closed the session of session 1",
		"Last reset by us never, due to No error":                                         "",
		"Last reset 4y10w, due to None":                                                   "",
		"Last reset by peer 00:00:04, due to session closed":                              "session closed",
		"Last reset 2w4d, due to BGP Notification received: peer unconfigured, see below": "BGP Notification received: peer unconfigured, see below",
	} {
		if got, found := bgptext.LastReset([]byte(line)); !found || got != want {
			t.Errorf("%q: %q, %t, want %q", line, got, found, want)
		}
	}
	if got, found := bgptext.LastReset([]byte("Description: Last reset never, due to rain")); found {
		t.Errorf("the reason %q of a description", got)
	}
}
