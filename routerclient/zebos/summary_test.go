package zebos_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/zebos"
)

const (
	zebOSHeader = "Neighbor                 V   AS   MsgRcv    MsgSen TblVer   InQ   OutQ    Up/Down   State/PfxRcd\n"
	f5Header    = "Neighbor        V    AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd\n"
)

func summary(header, row string) string {
	return "BGP router identifier 192.0.2.1, local AS number 65001.1028\n" + header + row + "\nTotal number of neighbors 1\n"
}

func carried(received uint64) []routerclient.Family {
	return []routerclient.Family{{AFI: routerclient.IPv4, Received: received}}
}

func TestRow(t *testing.T) {
	for name, test := range map[string]struct {
		header, row string
		want        routerclient.Session
	}{
		"up": {
			zebOSHeader, "10.5.100.11              4 65000   26         26       7      0      0  00:11:33               5\n",
			routerclient.Session{Peer: netip.MustParseAddr("10.5.100.11"), RemoteASN: 65000, State: routerclient.Established, Uptime: 11*time.Minute + 33*time.Second, Families: carried(5)},
		},
		"glued": {
			zebOSHeader, "2001:db8::ffff:ffff:ffff:ffff4 64497    0          0       0      0      0     never     Connect\n",
			routerclient.Session{Peer: netip.MustParseAddr("2001:db8::ffff:ffff:ffff:ffff"), RemoteASN: 64497, State: routerclient.Connect},
		},
		"glued, ending in 4 by itself": {
			zebOSHeader, "2001:db8:1111:1111:1111:1111:1111:144 64497 0 0 0 0 0 00:00:09 Idle (Admin)\n",
			routerclient.Session{Peer: netip.MustParseAddr("2001:db8:1111:1111:1111:1111:1111:14"), RemoteASN: 64497, State: routerclient.Idle, AdminDown: true},
		},
		"on a line of its own": {
			f5Header, "2001:db8:1:2:3:4:5:6\n                4 64497    0          0       0      0      0     never     Connect\n",
			routerclient.Session{Peer: netip.MustParseAddr("2001:db8:1:2:3:4:5:6"), RemoteASN: 64497, State: routerclient.Connect},
		},
		"F5, never up": {
			f5Header, "192.168.2.44    4 64512       0       1        0    0    0          Active\n",
			routerclient.Session{Peer: netip.MustParseAddr("192.168.2.44"), RemoteASN: 64512, State: routerclient.Active, Families: carried(0)},
		},
		"FortiOS, down, with the time since when": {
			f5Header, "10.204.35.84 4 662.47492 43173 43182 0 0 0 09w3d01h Active\n",
			routerclient.Session{Peer: netip.MustParseAddr("10.204.35.84"), RemoteASN: 662<<16 | 47492, State: routerclient.Active, Families: carried(0)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := zebos.ParseSummary([]byte(summary(test.header, test.row)), routerclient.IPv4)
			if err != nil {
				t.Fatal(err)
			}
			const asn = 65001<<16 | 1028
			test.want.VRF, test.want.LocalASN = routerclient.DefaultVRF, asn
			want := &zebos.Summary{RouterID: netip.MustParseAddr("192.0.2.1"), LocalASN: asn, Sessions: []routerclient.Session{test.want}}
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
				t.Errorf("summary (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNoNeighbors has what is printed in place of an empty table.
func TestNoNeighbors(t *testing.T) {
	for name, answer := range map[string]string{
		"the count alone": "BGP router identifier 192.0.2.1, local AS number 64512\nBGP table version is 1\n\nTotal number of neighbors 0\n",
		"words":           "No IPv4 neighbor is configured\n",
		"words of IPv6":   "No IPv6 Unicast neighbor is configured\r\n",
	} {
		if got, err := zebos.ParseSummary([]byte(answer), routerclient.IPv4); err != nil || len(got.Sessions) > 0 {
			t.Errorf("%s: %+v, %v, want no neighbors", name, got, err)
		}
	}
}

func TestMergeWithoutIPv4(t *testing.T) {
	ipv6, err := zebos.ParseSummary([]byte(summary(zebOSHeader, "fd00::11 4 65000 26 26 7 0 0 00:11:33 5\n")), routerclient.IPv6)
	if err != nil {
		t.Fatal(err)
	}
	got := zebos.Merge(&zebos.Summary{}, ipv6)
	if got.RouterID != netip.MustParseAddr("192.0.2.1") || got.LocalASN != 65001<<16|1028 || len(got.Sessions) != 1 {
		t.Errorf("snapshot %+v", got)
	}
}

func TestUnusable(t *testing.T) {
	const good = "192.0.2.11 4 65000 26 26 7 0 0 00:11:33 5\n"
	for name, test := range map[string]struct {
		answer string
		want   routerclient.Reason
	}{
		"no end":                      {zebOSHeader + good, routerclient.ReasonAnswerTruncated},
		"only the beginning":          {"BGP router identifier 192.0.2.1, local AS number 64512\n", routerclient.ReasonAnswerTruncated},
		"a row lost":                  {zebOSHeader + good + "\nTotal number of neighbors 2\n", routerclient.ReasonAnswerTruncated},
		"a row too many":              {zebOSHeader + good + "\nTotal number of neighbors 0\n", routerclient.ReasonAnswerTruncated},
		"a count that is none":        {zebOSHeader + good + "\nTotal number of neighbors x\n", routerclient.ReasonAnswerNotUnderstood},
		"a neighbor twice":            {zebOSHeader + good + good + "\nTotal number of neighbors 2\n", routerclient.ReasonAnswerNotUnderstood},
		"no row of those counted":     {"BGP router identifier 192.0.2.1, local AS number 64512\n\nTotal number of neighbors 1\n", routerclient.ReasonAnswerTruncated},
		"a count of nothing":          {"Total number of neighbors 0\n", routerclient.ReasonAnswerNotUnderstood},
		"no neighbor, cut short":      {"No IPv4 neighbor is con", routerclient.ReasonAnswerNotUnderstood},
		"no neighbor behind rows":     {zebOSHeader + good + "No IPv4 neighbor is configured\n", routerclient.ReasonAnswerNotUnderstood},
		"rows behind no neighbor":     {"No IPv4 neighbor is configured\n" + zebOSHeader, routerclient.ReasonAnswerNotUnderstood},
		"a second table":              {summary(zebOSHeader, good) + zebOSHeader, routerclient.ReasonAnswerNotUnderstood},
		"a neighbor twice, elsewhere": {zebOSHeader + "192.0.2.12 4 65000 26 26 7 0 0 00:11:33 5\n" + good + good + "\nTotal number of neighbors 3\n", routerclient.ReasonAnswerNotUnderstood},
		"a neighbor twice, far apart": {zebOSHeader + good + "192.0.2.12 4 65000 26 26 7 0 0 00:11:33 5\n" + good + "\nTotal number of neighbors 3\n", routerclient.ReasonAnswerNotUnderstood},
		"no table":                    {"-vbash: show: command not found\n", routerclient.ReasonAnswerNotUnderstood},
		"nothing":                     {"", routerclient.ReasonAnswerNotUnderstood},
		"columns of newer FRR":        {"Neighbor V AS MsgRcvd MsgSent TblVer InQ OutQ Up/Down State/PfxRcd PfxSnt Desc\n" + good, routerclient.ReasonAnswerNotUnderstood},
		"a router ID that is none":    {"BGP router identifier x, local AS number 64512\n", routerclient.ReasonAnswerNotUnderstood},
		"an AS number that is none":   {"BGP router identifier 192.0.2.1, local AS number x\n", routerclient.ReasonAnswerNotUnderstood},
		"a row without columns":       {summary(zebOSHeader, "192.0.2.11\n"), routerclient.ReasonAnswerNotUnderstood},
		"a row without its columns":   {summary(zebOSHeader, "2001:db8::11\n"), routerclient.ReasonAnswerTruncated},
		"two addresses, one row":      {summary(zebOSHeader, "2001:db8::11\n2001:db8::12\n 4 65000 26 26 7 0 0 00:11:33 5\n"), routerclient.ReasonAnswerNotUnderstood},
		"two addresses and columns":   {summary(zebOSHeader, "2001:db8::11\n2001:db8::12 4 65000 26 26 7 0 0 00:11:33 5\n"), routerclient.ReasonAnswerNotUnderstood},
		"a row of one word in braces": {summary(zebOSHeader, "(Admin)\n"), routerclient.ReasonAnswerNotUnderstood},
		"a column lost":               {summary(zebOSHeader, "192.0.2.11 4 65000 26 26 7 0 00:11:33 5\n"), routerclient.ReasonAnswerNotUnderstood},
		"a column too many":           {summary(zebOSHeader, "192.0.2.11 4 65000 26 26 7 0 0 0 00:11:33 5\n"), routerclient.ReasonAnswerNotUnderstood},
		"another version":             {summary(zebOSHeader, "192.0.2.11 5 65000 26 26 7 0 0 00:11:33 5\n"), routerclient.ReasonAnswerNotUnderstood},
		"a name for an address":       {summary(zebOSHeader, "node11 4 65000 26 26 7 0 0 00:11:33 5\n"), routerclient.ReasonAnswerNotUnderstood},
		"an AS of 33 bits":            {summary(zebOSHeader, "192.0.2.11 4 4294967296 26 26 7 0 0 00:11:33 5\n"), routerclient.ReasonAnswerNotUnderstood},
		"a counter that is none":      {summary(zebOSHeader, "192.0.2.11 4 65000 -26 26 7 0 0 00:11:33 5\n"), routerclient.ReasonAnswerNotUnderstood},
		"a row of a kilobyte":         {summary(zebOSHeader, fmt.Sprintf("%1000s", good)+fmt.Sprintf("%01000d\n", 4)), routerclient.ReasonAnswerNotUnderstood},
	} {
		if got, err := zebos.ParseSummary([]byte(test.answer), routerclient.IPv4); err == nil || routerclient.ReasonOf(err) != test.want {
			t.Errorf("%s: %+v, %v, want reason %s", name, got, err, test.want)
		}
	}
}

func FuzzParseSummary(f *testing.F) {
	f.Add([]byte(summary(zebOSHeader, "10.5.100.11              4 65000   26         26       7      0      0  00:11:33               5\n")))
	f.Add([]byte(summary(f5Header, "2001:db8::ffff:ffff:ffff:ffff4 64497    0          0       0      0      0     never     Idle (Admin)\n")))
	f.Fuzz(func(t *testing.T, answer []byte) {
		got, err := zebos.ParseSummary(answer, routerclient.IPv4)
		if (got == nil) == (err == nil) {
			t.Fatalf("summary %v together with error %v", got, err)
		}
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, row := range got.Sessions {
			key := row.Peer.String() + "%" + row.Interface
			if seen[key] || !row.Peer.IsValid() || row.Uptime < 0 {
				t.Errorf("row %+v", row)
			}
			seen[key] = true
		}
	})
}
