package bgptext_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

func TestClean(t *testing.T) {
	for name, test := range map[string]struct{ in, want string }{
		"untouched":            {"a b\nc", "a b\nc"},
		"line ends":            {"a\r\nb\r", "a\nb"},
		"line ends and NUL":    {"a\r\n\x00b\r\r\n", "a\nb\n"},
		"NUL":                  {"\x00a\x00b", "ab"},
		"colour":               {"\x1b[1;31mdown\x1b[0m", "down"},
		"cursor":               {"\x1b[?25lx\x1b[2J", "x"},
		"two bytes":            {"\x1b=x\x1b>y", "xy"},
		"escape at line end":   {"x\x1b\ny", "x\ny"},
		"broken at the end":    {"x\x1b", "x"},
		"broken control":       {"x\x1b[31", "x"},
		"broken by a line end": {"x\x1b[31\ny", "x\ny"},
	} {
		if got := string(bgptext.Clean([]byte(test.in))); got != test.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", name, test.in, got, test.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for name, test := range map[string]struct {
		in, want string
		limit    int
	}{
		"whole":               {"OPEN Message Error/Bad Peer AS", "OPEN Message Error/Bad Peer AS", 200},
		"one line":            {" a\n\tb \r\n c ", "a b c", 200},
		"unprintable":         {"a\x00\x1b\u202eb\xff", "ab", 200},
		"cut":                 {strings.Repeat("x", 300), strings.Repeat("x", 200), 200},
		"cut between runes":   {"ééé", "éé", 5},
		"cut behind a space":  {"ab cd", "ab", 3},
		"nothing but garbage": {strings.Repeat("\x00", 1000), "", 10},
	} {
		got := bgptext.Printable(test.in, test.limit)
		if got != test.want {
			t.Errorf("%s: Printable(%q, %d) = %q, want %q", name, test.in, test.limit, got, test.want)
		}
		if !utf8.ValidString(got) {
			t.Errorf("%s: Printable(%q, %d) is not UTF-8", name, test.in, test.limit)
		}
	}
}

func TestASN(t *testing.T) {
	for in, want := range map[string]uint32{
		"1": 1, "64512": 64512, "4294967295": 4294967295, "0.64512": 64512, "65001.1028": 65001<<16 | 1028, "662.47492": 662<<16 | 47492,
	} {
		if got, err := bgptext.ASN(in); err != nil || got != want {
			t.Errorf("ASN(%q) = %d, %v, want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", "-1", "4294967296", "1.65536", "65536.1", "1.2.3", ".", "AS1", "1e3", " 1"} {
		if got, err := bgptext.ASN(in); err == nil {
			t.Errorf("ASN(%q) = %d, want an error", in, got)
		}
	}
}

func TestPeer(t *testing.T) {
	for in, want := range map[string][2]string{
		"192.0.2.1":        {"192.0.2.1", ""},
		"2001:DB8::1":      {"2001:db8::1", ""},
		"fe80::1%eth0":     {"fe80::1", "eth0"},
		"192.0.2.1%eth0":   {"192.0.2.1", "eth0"},
		"2001:db8::1%eth0": {"2001:db8::1", "eth0"},
		"::ffff:192.0.2.1": {"192.0.2.1", ""},
	} {
		addr, iface, err := bgptext.Peer(in)
		if err != nil || addr.String() != want[0] || iface != want[1] {
			t.Errorf("Peer(%q) = %v, %q, %v, want %v", in, addr, iface, err, want)
		}
	}
	for _, in := range []string{"", "eth0", "%eth0", "192.0.2.1%", "fe80::1%", "192.0.2.0/24"} {
		if addr, iface, err := bgptext.Peer(in); err == nil {
			t.Errorf("Peer(%q) = %v, %q, want an error", in, addr, iface)
		}
	}
}

func TestAddr(t *testing.T) {
	for _, in := range []string{
		"192.0.2.1", "0.0.0.0", "255.255.255.255", "10.0.0.0", "2001:db8::1", "fe80::1%eth0", "::ffff:192.0.2.1",
		"", ".", "...", "1.2.3", "1.2.3.4.", "1.2.3.4.5", ".1.2.3", "1..2.3", "1.2.3.256", "1.2.3.04", "1.2.3.0400", "1.2.3.-4", "1.2.3.4 ",
		"1.2.3.99999999999999999999", "1.2.3.4%eth0", "1.2.3.4/32", "a.b.c.d", "2001:db8::1::", "64512",
	} {
		want, err := netip.ParseAddr(in)
		if got, ok := bgptext.Addr(in); got != want || ok != (err == nil) {
			t.Errorf("Addr(%q) = %v, %t, want %v, %v", in, got, ok, want, err)
		}
	}
}

func TestState(t *testing.T) {
	type want struct {
		state     routerclient.State
		qualifier string
	}
	for in, want := range map[string]want{
		"Established":  {routerclient.Established, ""},
		"Estab":        {routerclient.Established, ""},
		"ESTABLISHED":  {routerclient.Established, ""},
		"Open sent":    {routerclient.OpenSent, ""},
		"open-confirm": {routerclient.OpenConfirm, ""},
		"Connect":      {routerclient.Connect, ""},
		"Active":       {routerclient.Active, ""},
		"Idle":         {routerclient.Idle, ""},
		"Idle (Admin)": {routerclient.Idle, "Admin"},
		"Idle(NoIf)":   {routerclient.Idle, "NoIf"},
		"Idle (PfxCt)": {routerclient.Idle, "PfxCt"},
		"Clearing":     {routerclient.Idle, ""},
		"Deleted":      {routerclient.Idle, ""},
		"Happy":        {routerclient.Unrecognized, ""},
		"":             {routerclient.Unrecognized, ""},
		"(Policy)":     {routerclient.Unrecognized, "Policy"},
	} {
		state, qualifier := bgptext.State(in)
		if state != want.state || qualifier != want.qualifier {
			t.Errorf("State(%q) = %s, %q, want %s, %q", in, state, qualifier, want.state, want.qualifier)
		}
	}
}

func TestUptime(t *testing.T) {
	const day = 24 * time.Hour
	for in, want := range map[string]time.Duration{
		"never":          0,
		"00:11:33":       11*time.Minute + 33*time.Second,
		"1d02h03m":       day + 2*time.Hour + 3*time.Minute,
		"5d13h10m":       5*day + 13*time.Hour + 10*time.Minute,
		"03w6d21h":       27*day + 21*time.Hour,
		"09w3d01h":       66*day + time.Hour,
		"26w6d":          188 * day,
		"1y10w":          435 * day,
		"3w0d":           21 * day,
		"79d05h":         79*day + 5*time.Hour,
		"626h43m":        626*time.Hour + 43*time.Minute,
		"0286h47m":       286*time.Hour + 47*time.Minute,
		"02m:02w:06d":    80 * day,
		"2m:2w:6d":       80 * day,
		"1d2h5m16s610ms": day + 2*time.Hour + 5*time.Minute + 16*time.Second + 610*time.Millisecond,
		"5w3d1h12m48s":   38*day + time.Hour + 12*time.Minute + 48*time.Second,
	} {
		if got, ok := bgptext.Uptime(in); !ok || got != want {
			t.Errorf("Uptime(%q) = %v, %t, want %v", in, got, ok, want)
		}
	}
	for _, in := range []string{
		"", "0", "12", "11:33", "1:2:3:4", "-1:00:00", "00:00:0x", "01:x0:00", "01:00-00", "1h1d", "1d1d", "d", "1", "1x", "1d2", "Connect",
		"02w:02m:06d", "9999999999999999999y", "101y", "99y99999999999999w", "now",
	} {
		if got, ok := bgptext.Uptime(in); ok {
			t.Errorf("Uptime(%q) = %v, want none", in, got)
		}
	}
}

// FuzzAddr holds what is read here of an address against the standard library.
func FuzzAddr(f *testing.F) {
	for _, seed := range []string{"192.0.2.1", "0.0.0.0", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.4.", "01.2.3.4", "1..2.3", "2001:db8::1", "fe80::1%eth0", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := netip.ParseAddr(s)
		if got, ok := bgptext.Addr(s); ok != (err == nil) || got != want {
			t.Errorf("Addr(%q) = %v, %t, want %v, %v", s, got, ok, want, err)
		}
	})
}

func FuzzUptime(f *testing.F) {
	for _, seed := range []string{"never", "00:11:33", "1d02h03m", "03w6d21h", "02m:02w:06d", "1d2h5m16s610ms"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := bgptext.Uptime(s); ok && got < 0 {
			t.Errorf("Uptime(%q) = %v", s, got)
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add([]byte("a\r\n\x1b[1;31mb\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if got := bgptext.Clean(in); strings.ContainsAny(string(got), "\r\x00\x1b") {
			t.Errorf("Clean(%q) = %q", in, got)
		}
	})
}
