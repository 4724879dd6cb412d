package bmp_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/internal/bmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestRecordings reads what live routers sent. The FRR of the first has lost the OPENs of the sessions that were up
// before it loaded its module.
func TestRecordings(t *testing.T) {
	recordings, err := filepath.Glob("testdata/*.bmp")
	if err != nil || len(recordings) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, path := range recordings {
		t.Run(filepath.Base(path), func(t *testing.T) {
			stream, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, m := range readAll(t, stream) {
				fmt.Fprintf(&got, "%s %+v\n", strings.TrimPrefix(fmt.Sprintf("%T", m), "*bmp."), m)
			}
			golden := strings.TrimSuffix(path, ".bmp") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func readAll(t *testing.T, stream []byte) (all []bmp.Message) {
	t.Helper()
	for reader := bmp.NewReader(bytes.NewReader(stream)); ; {
		m, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("after %d messages: %v", len(all), err)
		}
		all = append(all, m)
	}
}

// message is one with a header that is right about its length.
func message(kind bmp.Type, body []byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte{3}, uint32(6+len(body)))
	return append(append(b, byte(kind)), body...)
}

// peerHeader is about 192.0.2.1, AS 65001.
func peerHeader(kind bmp.PeerType, flags bmp.Flags) []byte {
	b := make([]byte, 42)
	b[0], b[1] = byte(kind), byte(flags)
	copy(b[22:], []byte{192, 0, 2, 1})
	binary.BigEndian.PutUint32(b[26:], 65001)
	copy(b[30:], []byte{198, 51, 100, 1})
	return b
}

func bgpMessage(kind byte, body ...byte) []byte {
	b := bytes.Repeat([]byte{0xff}, 16)
	b = binary.BigEndian.AppendUint16(b, uint16(19+len(body)))
	return append(append(b, kind), body...)
}

func tlv(kind uint16, value string) []byte {
	b := binary.BigEndian.AppendUint16(nil, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	return append(b, value...)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestRefused(t *testing.T) {
	header := func(version byte, length uint32, kind bmp.Type) []byte {
		return append(binary.BigEndian.AppendUint32([]byte{version}, length), byte(kind))
	}
	tests := map[string]struct {
		stream []byte
		want   string
	}{
		"another version":            {header(1, 6, bmp.TypeInitiation), "version 1, want 3"},
		"HTTP":                       {[]byte("GET / HTTP/1.1\r\n\r\n"), "version 71, want 3"},
		"length zero":                {header(3, 0, bmp.TypeInitiation), "Initiation of 0 bytes"},
		"shorter than its header":    {header(3, 47, bmp.TypeRouteMonitoring), "Route Monitoring of 47 bytes"},
		"a Peer Up without a body":   {header(3, 48, bmp.TypePeerUp), "Peer Up Notification of 48 bytes"},
		"a Peer Down without reason": {header(3, 48, bmp.TypePeerDown), "Peer Down Notification of 48 bytes"},
		"longer than a megabyte":     {header(3, 1<<20+1, bmp.TypeRouteMonitoring), "Route Monitoring of 1048577 bytes"},
		"four gigabytes":             {header(3, 1<<32-1, bmp.TypePeerUp), "Peer Up Notification of 4294967295 bytes"},
		"unknown, of length five":    {header(3, 5, 200), "message of type 200 of 5 bytes"},
		"half a header":              {header(3, 60, bmp.TypePeerUp)[:4], "unexpected EOF"},
		"half a Peer Up":             {append(header(3, 68, bmp.TypePeerUp), make([]byte, 20)...), "unexpected EOF"},
		"a Peer Up, all but begun":   {header(3, 68, bmp.TypePeerUp), "unexpected EOF"},
		"half a route":               {append(header(3, 1<<20, bmp.TypeRouteMonitoring), make([]byte, 99)...), "unexpected EOF"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m, err := bmp.NewReader(bytes.NewReader(test.stream)).Next()
			if err == nil || !strings.Contains(err.Error(), test.want) || m != nil || errors.Is(err, io.EOF) {
				t.Errorf("Next = %v, %v; want an error with %q", m, err, test.want)
			}
		})
	}
}

func TestSkipped(t *testing.T) {
	stream := join(
		message(bmp.TypeRouteMonitoring, make([]byte, 1<<20-6)),
		message(bmp.TypeStatisticsReport, make([]byte, 60)),
		message(bmp.TypeRouteMirroring, make([]byte, 42)),
		message(99, nil),
		message(bmp.TypeTermination, tlv(1, "\x00\x02")),
	)
	want := []bmp.Message{
		&bmp.Skipped{Type: bmp.TypeRouteMonitoring}, &bmp.Skipped{Type: bmp.TypeStatisticsReport},
		&bmp.Skipped{Type: bmp.TypeRouteMirroring}, &bmp.Skipped{Type: 99}, &bmp.Termination{Words: "out of resources"},
	}
	if diff := cmp.Diff(want, readAll(t, stream)); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	reader := bmp.NewReader(bytes.NewReader(stream))
	if got := testing.AllocsPerRun(1, func() {
		if _, err := reader.Next(); err != nil {
			t.Fatal(err)
		}
	}); got > 2 {
		t.Errorf("skipping a message allocates %v times", got)
	}
}

func TestInitiation(t *testing.T) {
	body := join(tlv(0, "hello"), tlv(1, "FRRouting\r\n 10.1"), tlv(2, "edge"), tlv(900, "?"), tlv(2, "cut off")[:7])
	want := []bmp.Message{&bmp.Initiation{SysDescr: "FRRouting 10.1", SysName: "edge"}}
	if diff := cmp.Diff(want, readAll(t, message(bmp.TypeInitiation, body))); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestPeerUp(t *testing.T) {
	fixed := make([]byte, 20)
	copy(fixed[12:], []byte{192, 0, 2, 9, 0, 179, 0xc0, 1})
	open := func(parameters ...byte) []byte {
		return bgpMessage(1, append([]byte{4, 0x5b, 0xa0, 0, 90, 10, 0, 0, 1}, parameters...)...)
	}
	dummy := bgpMessage(1)
	as4 := []byte{8, 2, 6, 65, 4, 0xfa, 0x56, 0xea, 1}
	extended := append([]byte{255, 255, 0, 9, 2, 0, 6}, as4[3:]...)
	tests := map[string]struct {
		body    []byte
		asn     uint32
		vrf     string
		damaged bool
	}{
		"nothing but what must be there": {nil, 0, "", false},
		"AS of two octets":               {join(open(0), open(0)), 23456, "", false},
		"AS of four octets":              {join(open(as4...), open(0)), 4200000001, "", false},
		"extended parameters":            {join(open(extended...), open(0)), 4200000001, "", false},
		"extended, of any short length":  {join(open(append([]byte{1}, extended[1:]...)...), open(0)), 4200000001, "", false},
		"dummies, then a name":           {join(dummy, dummy, tlv(0, "description"), tlv(3, "red")), 0, "red", false},
		"a name cut off":                 {join(dummy, dummy, tlv(3, "red")[:6]), 0, "", true},
		"a name, then less than another": {join(dummy, dummy, tlv(3, "red"), []byte{0}), 0, "red", true},
		"one OPEN, and half of another":  {join(dummy, dummy[:18]), 0, "", true},
		"one dummy":                      {join(dummy, open(0), tlv(3, "red")), 0, "red", false},
		"an OPEN longer than the rest":   {open(as4...)[:25], 0, "", true},
		"an OPEN shorter than a header":  {append(bytes.Repeat([]byte{0xff}, 16), 0, 3, 1, 0, 0, 0), 0, "", true},
		"a KEEPALIVE for an OPEN":        {join(bgpMessage(4), open(0)), 0, "", false},
		"parameters cut off":             {join(open(200, 2, 100, 65), open(0)), 0, "", false},
		"a parameter cut off":            {join(open(3, 2, 100, 65), open(0)), 0, "", false},
		"a capability cut off":           {join(open(5, 2, 3, 65, 4, 1), open(0)), 0, "", false},
		"more than the parameters":       {join(open(0, 2, 0), open(0)), 0, "", false},
		"extended parameters cut off":    {join(open(extended[:9]...), open(0)), 0, "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			stream := message(bmp.TypePeerUp, join(peerHeader(bmp.RDInstance, 0), fixed, test.body))
			up, ok := readAll(t, stream)[0].(*bmp.PeerUp)
			if !ok || up.Addr.String() != "192.0.2.1" || up.AS != 65001 || up.ID.String() != "198.51.100.1" || up.Type != bmp.RDInstance ||
				up.Local.String() != "192.0.2.9" || up.LocalPort != 179 || up.RemotePort != 0xc001 || !up.Time.IsZero() {
				t.Errorf("headers: %+v", up)
			}
			if up.Sent.ASN != test.asn || up.VRF != test.vrf || up.Damaged != test.damaged {
				t.Errorf("ASN %d, VRF %q, damaged %t; want %d, %q, %t", up.Sent.ASN, up.VRF, up.Damaged, test.asn, test.vrf, test.damaged)
			}
		})
	}
}

func TestPeerDown(t *testing.T) {
	tests := map[string]struct {
		data  []byte
		words string
		admin bool
		vrf   string
	}{
		"shut down here":         {append([]byte{1}, bgpMessage(3, 6, 2)...), "closed by the router: Administrative Shutdown (6/2)", true, ""},
		"shut down, with words":  {append([]byte{3}, bgpMessage(3, append([]byte{6, 2, 5}, "lunch"...)...)...), "closed by the peer: Administrative Shutdown (6/2), lunch", false, ""},
		"words cut off":          {append([]byte{3}, bgpMessage(3, 6, 2, 99, 'x')...), "closed by the peer: Administrative Shutdown (6/2)", false, ""},
		"data that are no text":  {append([]byte{1}, bgpMessage(3, 6, 1, 3, 'a', 'b', 'c')...), "closed by the router: Maximum Number of Prefixes Reached (6/1)", false, ""},
		"hold time":              {append([]byte{1}, bgpMessage(3, 4, 0)...), "closed by the router: Hold Timer Expired (4/0)", false, ""},
		"half a NOTIFICATION":    {append([]byte{1}, bgpMessage(3, 6, 2)[:20]...), "closed by the router", false, ""},
		"NOTIFICATION too short": {append([]byte{1}, bgpMessage(3, 6)...), "closed by the router", false, ""},
		"event":                  {[]byte{2, 0, 18}, "closed by the router: TcpConnectionFails", false, ""},
		"no event":               {[]byte{2, 0, 0}, "closed by the router", false, ""},
		"unknown event":          {[]byte{2, 1, 0}, "closed by the router: event 256", false, ""},
		"event cut off":          {[]byte{2, 0}, "closed by the router", false, ""},
		"closed without a word":  {[]byte{4}, "closed by the peer without a word", false, ""},
		"not monitored":          {[]byte{5}, "not monitored any more", false, ""},
		"with a name":            {append([]byte{6}, tlv(3, "red")...), "closed by the router", false, "red"},
		"unknown reason":         {[]byte{77}, "reason 77", false, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			stream := message(bmp.TypePeerDown, join(peerHeader(bmp.GlobalInstance, 0), test.data))
			down, ok := readAll(t, stream)[0].(*bmp.PeerDown)
			if !ok || down.Addr.String() != "192.0.2.1" {
				t.Fatalf("message %+v", down)
			}
			if down.Words != test.words || down.AdminDown() != test.admin || down.VRF != test.vrf {
				t.Errorf("words %q, admin %t, VRF %q; want %q, %t, %q", down.Words, down.AdminDown(), down.VRF, test.words, test.admin, test.vrf)
			}
		})
	}
}

// TestEnded: whatever is not known to say that a session has ended does not say so.
func TestEnded(t *testing.T) {
	for reason := range 256 {
		stream := message(bmp.TypePeerDown, append(peerHeader(bmp.GlobalInstance, 0), byte(reason)))
		down := readAll(t, stream)[0].(*bmp.PeerDown)
		if want := reason >= 1 && reason <= 6 && reason != 5; down.Ended() != want {
			t.Errorf("reason %d: ended %t, want %t", reason, down.Ended(), want)
		}
	}
}

func TestAddresses(t *testing.T) {
	v6 := peerHeader(bmp.GlobalInstance, bmp.FlagIPv6)
	copy(v6[10:], []byte{0xfe, 0x80})
	mapped := peerHeader(bmp.GlobalInstance, bmp.FlagIPv6)
	mapped[20], mapped[21] = 0xff, 0xff
	unflagged := peerHeader(bmp.GlobalInstance, 0)
	copy(unflagged[10:], []byte{0xfd, 0, 0, 3})
	nobody, group := peerHeader(bmp.GlobalInstance, 0), peerHeader(bmp.GlobalInstance, 0)
	copy(nobody[22:], make([]byte, 4))
	group[22] = 224
	tests := map[string]struct {
		header []byte
		want   string
	}{
		"IPv6":            {v6, "fe80::c000:201"},
		"IPv4 as IPv6":    {mapped, "192.0.2.1"},
		"the local table": {peerHeader(bmp.LocRIB, 0), "invalid IP"},
		// What the flags of a type mean is not known before the type is.
		"a type to come":        {peerHeader(4, 0), "invalid IP"},
		"IPv6, flagged as IPv4": {unflagged, "invalid IP"},
		"nobody":                {nobody, "invalid IP"},
		"a group":               {group, "invalid IP"},
		"after policy, sent":    {peerHeader(bmp.RDInstance, bmp.FlagPostPolicy|bmp.FlagAdjRIBOut|bmp.FlagAS2), "192.0.2.1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			down := readAll(t, message(bmp.TypePeerDown, append(test.header, 4)))[0].(*bmp.PeerDown)
			if got := down.Addr.String(); got != test.want {
				t.Errorf("address %s, want %s", got, test.want)
			}
		})
	}
}

// TestFamilies reads what families a session was opened for.
func TestFamilies(t *testing.T) {
	capability := func(afi, safi byte) []byte { return []byte{2, 6, 1, 4, 0, afi, 0, safi} }
	tests := map[string]struct {
		parameters []byte
		want       [2]bool
	}{
		"none named":   {nil, [2]bool{true, false}},
		"IPv4":         {capability(1, 1), [2]bool{true, false}},
		"IPv6":         {capability(2, 1), [2]bool{false, true}},
		"both":         {join(capability(1, 1), capability(2, 1)), [2]bool{true, true}},
		"VPN and EVPN": {join(capability(1, 128), capability(25, 70)), [2]bool{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			open := bgpMessage(1, append([]byte{4, 0xfd, 0xe9, 0, 90, 10, 0, 0, 1, byte(len(test.parameters))}, test.parameters...)...)
			up := readAll(t, message(bmp.TypePeerUp, join(peerHeader(bmp.GlobalInstance, 0), make([]byte, 20), open, open)))[0].(*bmp.PeerUp)
			for _, o := range []bmp.Open{up.Sent, up.Received} {
				if got := [2]bool{o.IPv4, o.IPv6}; got != test.want {
					t.Errorf("IPv4, IPv6 = %v, want %v", got, test.want)
				}
			}
		})
	}
}

func FuzzReader(f *testing.F) {
	recordings, _ := filepath.Glob("testdata/*.bmp")
	for _, path := range recordings {
		stream, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(stream)
	}
	f.Add(message(bmp.TypePeerDown, append(peerHeader(bmp.GlobalInstance, 0), append([]byte{1}, bgpMessage(3, 6, 2)...)...)))
	f.Add(message(bmp.TypeTermination, tlv(1, "\x00\x00")))
	f.Fuzz(func(t *testing.T, stream []byte) {
		reader := bmp.NewReader(bytes.NewReader(stream))
		for messages := 0; ; messages++ {
			m, err := reader.Next()
			if (m == nil) == (err == nil) {
				t.Fatalf("message %v with error %v", m, err)
			}
			if err != nil {
				return
			}
			if messages > len(stream)/6 {
				t.Fatal("more messages than headers")
			}
			if down, ok := m.(*bmp.PeerDown); ok && len(down.Words) > 220 {
				t.Fatalf("%d bytes of words", len(down.Words))
			}
		}
	})
}
