package snmpwalk_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gosnmp/gosnmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/snmpwalk"
)

const root = ".1.3.6.1.2.1.15.3.1.2"

func newRunner(t *testing.T, c snmpwalk.Config) *snmpwalk.Runner {
	t.Helper()
	r, err := snmpwalk.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func walk(t *testing.T, r *snmpwalk.Runner) (string, error) {
	t.Helper()
	out, err := r.Run(t.Context(), "walk "+root)
	return string(out.Stdout), err
}

func integer(oid string, n int) gosnmp.SnmpPDU {
	return gosnmp.SnmpPDU{Name: oid, Type: gosnmp.Integer, Value: n}
}

func TestWalk(t *testing.T) {
	t.Parallel()
	a := &agent{answer: serveTable(
		integer(root+".1", -94967281),
		gosnmp.SnmpPDU{Name: root + ".2", Type: gosnmp.OctetString, Value: []byte("Cease")},
		gosnmp.SnmpPDU{Name: root + ".3", Type: gosnmp.OctetString, Value: []byte{2, 2}},
		gosnmp.SnmpPDU{Name: root + ".4", Type: gosnmp.OctetString, Value: []byte("a \"b\"")},
		gosnmp.SnmpPDU{Name: root + ".5", Type: gosnmp.IPAddress, Value: "192.0.2.11"},
		gosnmp.SnmpPDU{Name: root + ".6", Type: gosnmp.Gauge32, Value: uint32(4294967295)},
		gosnmp.SnmpPDU{Name: root + ".7", Type: gosnmp.Counter32, Value: uint32(7)},
		gosnmp.SnmpPDU{Name: root + ".8", Type: gosnmp.TimeTicks, Value: uint32(8)},
		gosnmp.SnmpPDU{Name: root + ".9", Type: gosnmp.ObjectIdentifier, Value: ".1.3.6"},
		gosnmp.SnmpPDU{Name: root + ".10", Type: gosnmp.Counter64, Value: uint64(1) << 40},
		integer(root+"0.1", 1), // a prefix of the text, but not of the OID
	)}
	r := newRunner(t, startAgent(t, a))
	const want = root + ".1 = INTEGER: -94967281\n" +
		root + ".2 = STRING: \"Cease\"\n" +
		root + ".3 = Hex-STRING: 02 02\n" +
		root + ".4 = Hex-STRING: 61 20 22 62 22\n" +
		root + ".5 = IpAddress: 192.0.2.11\n" +
		root + ".6 = Gauge32: 4294967295\n" +
		root + ".7 = Counter32: 7\n" +
		root + ".8 = Timeticks: (8)\n" +
		root + ".9 = OID: .1.3.6\n" +
		root + ".10 = Counter64: 1099511627776\n"
	for range 2 {
		got, err := walk(t, r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("walk (-want +got):\n%s", diff)
		}
	}
	if n := a.discoveries.Load(); n != 1 {
		t.Errorf("the agent was discovered %d times in two walks, want once", n)
	}
}

// TestLongWalk takes several requests, to an agent that finds the first ones too big.
func TestLongWalk(t *testing.T) {
	t.Parallel()
	const n = 1000
	variables := make([]gosnmp.SnmpPDU, n)
	for i := range variables {
		variables[i] = integer(fmt.Sprintf("%s.%d", root, i+1), i)
	}
	table := serveTable(variables...)
	a := &agent{answer: func(from string, repetitions uint32) ([]gosnmp.SnmpPDU, gosnmp.SNMPError) {
		if repetitions > 10 {
			return []gosnmp.SnmpPDU{{Name: from, Type: gosnmp.Null}}, gosnmp.TooBig
		}
		return table(from, repetitions)
	}}
	got, err := walk(t, newRunner(t, startAgent(t, a)))
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(got, "\n"); lines != n {
		t.Errorf("%d lines, want %d", lines, n)
	}
}

func TestHostileAgents(t *testing.T) {
	t.Parallel()
	counter := 0
	for name, test := range map[string]struct {
		agent  *agent
		limit  int
		reason routerclient.Reason
		want   string
	}{
		"unknown user":       {&agent{report: usmStatsUnknownUserNames}, 0, routerclient.ReasonAuthenticationFailed, "the agent does not know the user, or auth_password or auth_protocol is not the user's"},
		"wrong digest":       {&agent{report: usmStatsWrongDigests}, 0, routerclient.ReasonAuthenticationFailed, "the agent does not know the user, or auth_password or auth_protocol is not the user's"},
		"not decryptable":    {&agent{report: usmStatsDecryptionErrors}, 0, routerclient.ReasonAuthenticationFailed, "the agent does not know the user, or auth_password or auth_protocol is not the user's"},
		"no privacy":         {&agent{report: usmStatsUnsupportedSecLevels}, 0, routerclient.ReasonAuthenticationFailed, "the agent does not know the user, or auth_password or auth_protocol is not the user's"},
		"time always wrong":  {&agent{report: usmStatsNotInTimeWindows}, 0, routerclient.ReasonAnswerNotUnderstood, "a report in place of an answer: " + usmStatsNotInTimeWindows},
		"engine always new":  {&agent{report: usmStatsUnknownEngineIDs}, 0, routerclient.ReasonAnswerNotUnderstood, "a report in place of an answer: " + usmStatsUnknownEngineIDs},
		"no access":          {&agent{answer: status(gosnmp.AuthorizationError)}, 0, routerclient.ReasonPermissionDenied, "the user may read nothing there"},
		"error in the midst": {&agent{answer: status(gosnmp.GenErr)}, 0, routerclient.ReasonAnswerNotUnderstood, "the agent answers with the error GenErr"},
		"always too big":     {&agent{answer: status(gosnmp.TooBig)}, 0, routerclient.ReasonAnswerNotUnderstood, "the agent answers with the error TooBig"},
		"the same over and over": {&agent{answer: func(string, uint32) ([]gosnmp.SnmpPDU, gosnmp.SNMPError) {
			return []gosnmp.SnmpPDU{integer(root+".1", 1)}, gosnmp.NoError
		}}, 0, routerclient.ReasonAnswerNotUnderstood, "the agent goes back from " + root + ".1 to " + root + ".1"},
		"without end": {&agent{answer: func(string, uint32) ([]gosnmp.SnmpPDU, gosnmp.SNMPError) {
			counter++
			return []gosnmp.SnmpPDU{integer(fmt.Sprintf("%s.%d", root, counter), 1)}, gosnmp.NoError
		}}, 1000, routerclient.ReasonAnswerTooLarge, "more than 1000 bytes"},
		"a type that does not belong": {&agent{answer: func(string, uint32) ([]gosnmp.SnmpPDU, gosnmp.SNMPError) {
			return []gosnmp.SnmpPDU{{Name: root + ".1", Type: gosnmp.NoSuchInstance}}, gosnmp.NoError
		}}, 0, routerclient.ReasonAnswerNotUnderstood, "NoSuchInstance, which is not in the MIBs of BGP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := startAgent(t, test.agent)
			config.MaxOutput = test.limit
			got, err := walk(t, newRunner(t, config))
			if err == nil || got != "" {
				t.Fatalf("answer %q, error %v", got, err)
			}
			if routerclient.ReasonOf(err) != test.reason || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q with reason %s, want %q with %s", err, routerclient.ReasonOf(err), test.want, test.reason)
			}
			if !strings.HasPrefix(err.Error(), "walking "+root+" on 127.0.0.1:") {
				t.Errorf("error %q does not say what was being done", err)
			}
			for _, secret := range []string{config.AuthPassword, config.PrivPassword} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("error %q holds a password", err)
				}
			}
		})
	}
}

// TestAgentThatWasRestarted has an agent that knows another time, or another engine ID, than the one it had before: the
// answer comes after one report.
func TestAgentThatWasRestarted(t *testing.T) {
	t.Parallel()
	for _, report := range []string{usmStatsNotInTimeWindows, usmStatsUnknownEngineIDs} {
		config := startAgent(t, &agent{report: report, once: true, answer: serveTable(integer(root+".1", 6))})
		got, err := walk(t, newRunner(t, config))
		if want := root + ".1 = INTEGER: 6\n"; err != nil || got != want {
			t.Errorf("after report %s: answer %q, error %v, want %q", report, got, err, want)
		}
	}
}

func status(e gosnmp.SNMPError) func(string, uint32) ([]gosnmp.SnmpPDU, gosnmp.SNMPError) {
	return func(from string, _ uint32) ([]gosnmp.SnmpPDU, gosnmp.SNMPError) {
		return []gosnmp.SnmpPDU{{Name: from, Type: gosnmp.Null}}, e
	}
}

// TestForgedAnswer has somebody answer who does not know the passwords, and so cannot sign.
func TestForgedAnswer(t *testing.T) {
	t.Parallel()
	config := startAgent(t, &agent{answer: serveTable(integer(root+".1", 6))})
	config.AuthPassword = "another-password"
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	out, err := newRunner(t, config).Run(ctx, "walk "+root)
	if err == nil {
		t.Errorf("an answer that was signed with another password is taken: %s", out.Stdout)
	}
}

func TestSilentAgent(t *testing.T) {
	t.Parallel()
	config := startAgent(t, &agent{})
	// Long enough to derive the keys (RFC 3414 appendix A.2), under the race detector too, and shorter than one request's time.
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := newRunner(t, config).Run(ctx, "walk "+root)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v after a deadline of 1.5s", took)
	}
	if routerclient.ReasonOf(err) != routerclient.ReasonTimeout {
		t.Errorf("error %v with reason %s, want %s", err, routerclient.ReasonOf(err), routerclient.ReasonTimeout)
	}
	if want := "priv_password or priv_protocol is not the user's"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error %q of an agent that answered discovery does not end in %q", err, want)
	}
}

// TestCancelledWalk is cancelled while the agent is silent, without a deadline.
func TestCancelledWalk(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	config := startAgent(t, &agent{answer: func(_ string, _ uint32) ([]gosnmp.SnmpPDU, gosnmp.SNMPError) {
		cancel()
		return []gosnmp.SnmpPDU{integer(root+".1", 1)}, gosnmp.NoError
	}})
	if _, err := newRunner(t, config).Run(ctx, "walk "+root); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	_, err = walk(t, newRunner(t, snmpwalk.Config{
		Address: conn.LocalAddr().String(), Username: "peergate", AuthPassword: "authpass-peergate", PrivPassword: "privpass-peergate",
	}))
	if routerclient.ReasonOf(err) != routerclient.ReasonUnreachable {
		t.Errorf("error %v with reason %s, want %s", err, routerclient.ReasonOf(err), routerclient.ReasonUnreachable)
	}
}

func TestCommandsThatAreNoWalks(t *testing.T) {
	t.Parallel()
	r := newRunner(t, snmpwalk.Config{Address: "127.0.0.1", Username: "u", AuthPassword: "12345678", PrivPassword: "12345678"})
	for _, command := range []string{"", "walk", "walk ", "walk x", "walk .1", "get .1.3.6", "walk .1.3.6 ; reboot"} {
		_, err := r.Run(t.Context(), command)
		if want := fmt.Sprintf("running %q: want \"walk OID\"", command); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	good := snmpwalk.Config{Address: "192.0.2.1", Username: "peergate", AuthPassword: "authpass", PrivPassword: "privpass"}
	change := func(change func(*snmpwalk.Config)) snmpwalk.Config {
		c := good
		change(&c)
		return c
	}
	for name, test := range map[string]struct {
		config snmpwalk.Config
		reason routerclient.Reason
		want   string
	}{
		"no user":          {change(func(c *snmpwalk.Config) { c.Username = "" }), routerclient.ReasonCredentialsInvalid, `the Secret has no key "username"`},
		"no auth password": {change(func(c *snmpwalk.Config) { c.AuthPassword = "" }), routerclient.ReasonCredentialsInvalid, `the Secret has no key "auth_password"`},
		"no priv password": {change(func(c *snmpwalk.Config) { c.PrivPassword = "" }), routerclient.ReasonCredentialsInvalid, `the Secret has no key "priv_password"`},
		"short password":   {change(func(c *snmpwalk.Config) { c.PrivPassword = "1234567" }), routerclient.ReasonCredentialsInvalid, `key "priv_password" of the Secret: the value is shorter than 8 bytes`},
		"line break":       {change(func(c *snmpwalk.Config) { c.AuthPassword += "\n" }), routerclient.ReasonCredentialsInvalid, `key "auth_password" of the Secret: the value contains a line break`},
		"MD5":              {change(func(c *snmpwalk.Config) { c.AuthProtocol = "MD5" }), routerclient.ReasonCredentialsInvalid, `key "auth_protocol" of the Secret: want SHA, SHA-224, SHA-256, SHA-384 or SHA-512`},
		"DES":              {change(func(c *snmpwalk.Config) { c.PrivProtocol = "DES" }), routerclient.ReasonCredentialsInvalid, `key "priv_protocol" of the Secret: want AES, AES-192, AES-256, AES-192-C or AES-256-C`},
		"no address":       {change(func(c *snmpwalk.Config) { c.Address = "" }), routerclient.ReasonUnreachable, `address "": want a host or IP address, with or without :port`},
		"no port":          {change(func(c *snmpwalk.Config) { c.Address = "edge:" }), routerclient.ReasonUnreachable, `address "edge:": want a port from 1 to 65535`},
		"URL":              {change(func(c *snmpwalk.Config) { c.Address = "udp://edge" }), routerclient.ReasonUnreachable, `address "udp://edge": want a port from 1 to 65535`},
		"good":             {good, "", ""},
		"every name": {change(func(c *snmpwalk.Config) {
			c.AuthProtocol, c.PrivProtocol, c.Address = "sha-512", "AES-256-C", "[2001:db8::1]:1161"
		}), "", ""},
		"bare IPv6": {change(func(c *snmpwalk.Config) { c.Address = "2001:db8::1" }), "", ""},
		"old":       {change(func(c *snmpwalk.Config) { c.AuthProtocol, c.PrivProtocol = "SHA", "AES" }), "", ""},
	} {
		_, err := snmpwalk.New(test.config)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || err.Error() != test.want || routerclient.ReasonOf(err) != test.reason {
			t.Errorf("%s: error %v with reason %s, want %s with %s", name, err, routerclient.ReasonOf(err), test.want, test.reason)
		}
	}
}
