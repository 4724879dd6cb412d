package edgeos

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/peergate/peergate/e2e/bgp"
)

var update = flag.Bool("update", false, "write the golden files anew")

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// standIn is a router whose sessions do not move.
type standIn struct {
	neighbors []bgp.Neighbor
	err       error
}

func (*standIn) Addr() netip.Addr { return netip.MustParseAddr("192.168.3.1") }
func (*standIn) ASN() uint32      { return 64512 }

func (r *standIn) Neighbors(context.Context) ([]bgp.Neighbor, error) { return r.neighbors, r.err }

func (r *standIn) AddNeighbor(_ context.Context, addr netip.Addr, asn uint32) error {
	r.neighbors = append(r.neighbors, bgp.Neighbor{Addr: addr, ASN: asn, State: "Active"})
	return r.err
}

func (r *standIn) Routes() ([]bgp.Route, error) {
	hop := func(addr string, age time.Duration) bgp.NextHop {
		return bgp.NextHop{Addr: netip.MustParseAddr(addr), LearnedAt: now.Add(-age)}
	}
	return []bgp.Route{
		{
			Prefix:   netip.MustParsePrefix("192.168.30.1/32"),
			NextHops: []bgp.NextHop{hop("192.168.3.31", 148*time.Second), hop("192.168.3.32", 148*time.Second)},
		},
		{Prefix: netip.MustParsePrefix("192.168.30.20/32"), NextHops: []bgp.NextHop{hop("192.168.3.31", day)}},
	}, r.err
}

func threeNodes() *standIn {
	return &standIn{neighbors: []bgp.Neighbor{
		{
			Addr: netip.MustParseAddr("192.168.3.31"), ASN: 64512, State: bgp.Established, MessagesReceived: 26, MessagesSent: 25,
			EstablishedAt: now.Add(-11*time.Minute - 33*time.Second), PrefixesReceived: 5,
		},
		{Addr: netip.MustParseAddr("192.168.3.32"), ASN: 64512, State: "Active"},
		{Addr: netip.MustParseAddr("2001:db8::ffff:ffff:ffff:ffff"), ASN: 4200000000, State: "Connect"},
	}}
}

func run(router Router, command string) (stdout, stderr string, status int) {
	var out, errs bytes.Buffer
	cli := CLI{Router: router, Clock: clocktesting.NewFakePassiveClock(now)}
	status = cli.Run(context.Background(), command, &out, &errs)
	return out.String(), errs.String(), status
}

func TestShow(t *testing.T) {
	for name, command := range map[string]string{
		"summary": "show ip bgp summary",
		"routes":  "show ip route bgp",
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, status := run(threeNodes(), Wrapper+" "+command)
			if stderr != "" || status != 0 {
				t.Errorf("got stderr %q and status %d, want none and 0", stderr, status)
			}
			compareGolden(t, filepath.Join("testdata", name+".golden"), stdout)
		})
	}
}

func compareGolden(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
}

func TestFormatUptime(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"00:00:00": 0,
		"23:59:59": 24*time.Hour - time.Second,
		"1d00h00m": 24 * time.Hour,
		"5d13h10m": 5*day + 13*time.Hour + 10*time.Minute,
		"03w6d21h": 3*week + 6*day + 21*time.Hour,
	} {
		if got := formatUptime(d); got != want {
			t.Errorf("formatUptime(%s) = %s, want %s", d, got, want)
		}
	}
}

func TestCommandsThatDoNotExist(t *testing.T) {
	for command, wantStatus := range map[string]int{
		"":                              commandNotFound,
		"show ip bgp summary":           commandNotFound,
		Wrapper:                         failed,
		Wrapper + " show version":       failed,
		Wrapper + " configure terminal": failed,
	} {
		stdout, stderr, status := run(threeNodes(), command)
		if stdout != "" || stderr == "" || status != wantStatus {
			t.Errorf("%q: got stdout %q, stderr %q, status %d; want an error and status %d", command, stdout, stderr, status, wantStatus)
		}
	}
}

func TestDaemonThatDoesNotAnswer(t *testing.T) {
	for _, command := range []string{"show ip bgp summary", "show ip route bgp"} {
		stdout, stderr, status := run(&standIn{err: errors.New("bgpd is not running")}, Wrapper+" "+command)
		if stdout != "" || stderr != "% bgpd is not running\n" || status != failed {
			t.Errorf("%s: got stdout %q, stderr %q, status %d", command, stdout, stderr, status)
		}
	}
}

func TestConfigure(t *testing.T) {
	const (
		set  = "set protocols bgp 64512 neighbor 192.168.3.33 remote-as 64512"
		done = "Saving configuration to '/config/config.boot'...\nDone\n"
	)
	tests := map[string]struct {
		lines []string
		want  string
		added bool
	}{
		"as in the story":       {lines: []string{"configure", set, "commit", "save", "exit"}, want: done, added: true},
		"blank lines":           {lines: []string{"", "  configure ", set, " commit", "exit", ""}, added: true},
		"forgotten commit":      {lines: []string{"configure", set, "exit"}, want: string(unsavedChanges) + "\n"},
		"nothing to commit":     {lines: []string{"configure", "commit"}, want: string(nothingToDo) + "\n"},
		"commit twice":          {lines: []string{"configure", set, "commit", "commit"}, want: string(nothingToDo) + "\n", added: true},
		"outside of the mode":   {lines: []string{set}, want: string(invalidCommand) + "\n"},
		"after the mode":        {lines: []string{"configure", "exit", set}, want: string(invalidCommand) + "\n"},
		"unknown command":       {lines: []string{"configure", "reboot"}, want: string(invalidCommand) + "\n"},
		"too many words":        {lines: []string{"configure", set, "commit now"}, want: string(invalidCommand) + "\n"},
		"another path":          {lines: []string{"configure", "set system host-name edge"}, want: string(invalidNode) + "\n"},
		"another router's AS":   {lines: []string{"configure", strings.Replace(set, "bgp 64512", "bgp 64513", 1)}, want: string(invalidNode) + "\n"},
		"placeholder left open": {lines: []string{"configure", strings.Replace(set, "remote-as 64512", "remote-as <ASN>", 1)}, want: string(invalidNode) + "\n"},
		"AS 0":                  {lines: []string{"configure", strings.Replace(set, "remote-as 64512", "remote-as 0", 1)}, want: string(invalidNode) + "\n"},
		"no address":            {lines: []string{"configure", strings.Replace(set, "192.168.3.33", "leviathan3", 1)}, want: string(invalidNode) + "\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			router := &standIn{}
			stdout, stderr, status := run(router, Script(test.lines...))
			if diff := cmp.Diff(test.want, stdout); diff != "" || stderr != "" {
				t.Errorf("stderr %q, stdout (-want +got):\n%s", stderr, diff)
			}
			wantStatus := failed
			if test.want == "" || test.want == done {
				wantStatus = succeeded
			}
			if status != wantStatus {
				t.Errorf("got status %d, want %d", status, wantStatus)
			}
			if added := len(router.neighbors) == 1; added != test.added {
				t.Errorf("neighbor added: %t, want %t", added, test.added)
			}
		})
	}
}

func TestCommitThatTheDaemonRefuses(t *testing.T) {
	script := Script("configure", "set protocols bgp 64512 neighbor 192.168.3.33 remote-as 64512", "commit", "save")
	stdout, _, status := run(&standIn{err: errors.New("neighbor 192.168.3.33 exists")}, script)
	const want = "[ protocols bgp 64512 ]\nneighbor 192.168.3.33 exists\nCommit failed\n"
	if stdout != want || status != failed {
		t.Errorf("got %q and status %d, want %q and %d", stdout, status, want, failed)
	}
}

func FuzzRun(f *testing.F) {
	f.Add(Wrapper + " show ip bgp summary")
	f.Add(Script("configure", "set protocols bgp 64512 neighbor 192.168.3.33 remote-as 64512", "commit", "save", "exit"))
	f.Add(Script("configure", "set", "exit"))
	f.Fuzz(func(t *testing.T, command string) {
		router := &standIn{}
		_, _, status := run(router, command)
		if status != succeeded && status != failed && status != commandNotFound {
			t.Errorf("got status %d", status)
		}
		for _, n := range router.neighbors {
			if !n.Addr.IsValid() || n.ASN == 0 {
				t.Errorf("neighbor %s in AS %d was configured", n.Addr, n.ASN)
			}
		}
	})
}
