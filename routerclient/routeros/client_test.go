package routeros_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/conformance"
	"github.com/peergate/peergate/routerclient/replay"
	"github.com/peergate/peergate/routerclient/routeros"
)

const (
	printVersion = ":put [/system resource get version]"
	putLists     = ":put [:serialize to=json value=[/routing/bgp/connection/print as-value]]; " +
		":put [:serialize to=json value=[/routing/bgp/session/print as-value]]"
	printPeers = `:put ("# peers " . [:len [/routing bgp peer find]]); /routing bgp peer print status without-paging; ` +
		`:put "# instances"; /routing bgp instance print detail without-paging; :put "# end"`
)

const (
	connections = `[{"name":"a","remote.address":"10.0.0.1","remote.as":"64513"}]`
	sessions    = `[{"name":"a-1","remote.address":"10.0.0.1","established":"true"}]`
	peers6      = "# peers 1\n 0 E name=\"a\" instance=default remote-address=10.0.0.1 remote-as=64513 state=established\n" +
		"# instances\n 0 * name=\"default\" as=64512\n# end\n"
)

// TestUpgrade keeps a client while its router goes from RouterOS 6 to 7, which does not know the commands of 6.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	router := &replay.Runner{Answers: map[string]routerclient.Output{
		printVersion: {Stdout: []byte("6.49.10 (long-term)\n")},
		printPeers:   {Stdout: []byte(peers6)},
	}}
	client := overSSH(router)
	poll := func() error {
		_, err := client.Snapshot(t.Context())
		return err
	}
	for range 2 {
		if err := poll(); err != nil {
			t.Fatal(err)
		}
	}
	router.Answers = map[string]routerclient.Output{
		printVersion: {Stdout: []byte("7.20.4 (stable)\n")},
		printPeers:   {Stdout: []byte("bad command name peer (line 1 column 37)\n")},
		putLists:     {Stdout: []byte(connections + "\n" + sessions + "\n")},
	}
	if reason := routerclient.ReasonOf(poll()); reason != routerclient.ReasonAnswerNotUnderstood {
		t.Errorf("after the upgrade: reason %s, want %s", reason, routerclient.ReasonAnswerNotUnderstood)
	}
	if err := poll(); err != nil {
		t.Error(err)
	}
	want := []string{printVersion, printPeers, printPeers, printPeers, printVersion, putLists}
	if diff := cmp.Diff(want, router.Asked()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

// TestSessionsWithoutState has a release that does not print the flag of a session that is up.
func TestSessionsWithoutState(t *testing.T) {
	t.Parallel()
	const up = `[{"name":"a-1","remote.address":"10.0.0.1","uptime":"36m7s480ms"}]`
	_, err := conformance.Ask(t, overREST, byPath(connections, up))
	const want = "reading the BGP sessions: they have uptimes, and none says whether it is established"
	if err == nil || err.Error() != want || routerclient.ReasonOf(err) != routerclient.ReasonAnswerNotUnderstood {
		t.Errorf("error %v, want %s", err, want)
	}
}

// TestSessionsWithoutAddress has sessions that wait for a neighbor, and one that does not.
func TestSessionsWithoutAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "10.0.0.0/24"} {
		waiting := `{"name":"b-1","remote.address":"` + address + `"`
		got, err := conformance.Ask(t, overREST, byPath(connections, sessions[:len(sessions)-1]+","+waiting+`}]`))
		if err != nil || len(got.Sessions) != 1 || got.Sessions[0].State != routerclient.Established {
			t.Errorf("%q: %+v, %v, want the session that is up", address, got, err)
		}
		if got, err := conformance.Ask(t, overREST, byPath(connections, "["+waiting+`,"established":"true"}]`)); err == nil {
			t.Errorf("%q, established: %+v, want an error", address, got)
		}
	}
}

func TestRemedy(t *testing.T) {
	t.Parallel()
	plain := routerclient.Missing{Peer: netip.MustParseAddr("192.168.3.33"), VRF: "default", LocalASN: 64512, RemoteASN: 64513}
	inside, ipv6, grouped, unknown := plain, plain, plain, plain
	inside.RemoteASN = 64512
	ipv6.Peer = netip.MustParseAddr("fd00::33")
	grouped.PeerGroup, grouped.VRF = "k8s nodes", "red"
	unknown.LocalASN, unknown.RemoteASN = 0, 0
	const (
		instance = "From RouterOS 7.20 on a connection also needs instance=, the name of the BGP instance that its siblings have."
		subnet   = " To accept all nodes of a subnet instead, once and for all: " +
			"/routing/bgp/connection/add name=kubernetes-nodes remote.address=<subnet> remote.as="
		listen = " connect=no listen=yes."
	)
	for name, test := range map[string]struct{ got, want routerclient.Remedy }{
		"7": {routeros.Remedy(plain), routerclient.Remedy{
			Lines: []string{"/routing/bgp/connection/add name=node-192-168-3-33 remote.address=192.168.3.33 remote.as=64513 local.role=ebgp as=64512"},
			Note:  instance + subnet + "64513 local.role=ebgp as=64512" + listen,
		}},
		"7, iBGP": {routeros.Remedy(inside), routerclient.Remedy{
			Lines: []string{"/routing/bgp/connection/add name=node-192-168-3-33 remote.address=192.168.3.33 remote.as=64512 local.role=ibgp as=64512"},
			Note:  instance + subnet + "64512 local.role=ibgp as=64512" + listen,
		}},
		"7, IPv6": {routeros.Remedy(ipv6), routerclient.Remedy{
			Lines: []string{"/routing/bgp/connection/add name=node-fd00--33 remote.address=fd00::33 remote.as=64513 local.role=ebgp as=64512 address-families=ipv6"},
			Note:  instance + " Since then address-families= is called afi=." + subnet + "64513 local.role=ebgp as=64512 address-families=ipv6" + listen,
		}},
		"7, siblings with a template in a VRF": {routeros.Remedy(grouped), routerclient.Remedy{
			Lines: []string{`/routing/bgp/connection/add name=node-192-168-3-33 remote.address=192.168.3.33 remote.as=64513 local.role=ebgp vrf=red templates="k8s nodes"`},
			Note:  instance + subnet + `64513 local.role=ebgp vrf=red templates="k8s nodes"` + listen,
		}},
		"7, unknown ASNs": {routeros.Remedy(unknown), routerclient.Remedy{
			Lines: []string{"/routing/bgp/connection/add name=node-192-168-3-33 remote.address=192.168.3.33 " +
				"remote.as=<ASN of the nodes> local.role=<ebgp or ibgp> as=<ASN of the router>"},
			Note: instance + " Replace <ebgp or ibgp> by ibgp if the nodes have the router's AS number, and by ebgp if not." +
				subnet + "<ASN of the nodes> local.role=<ebgp or ibgp> as=<ASN of the router>" + listen +
				" Replace <ASN of the router> by the number. Replace <ASN of the nodes> by the number.",
		}},
		"6": {routeros.Remedy6(plain), routerclient.Remedy{
			Lines: []string{"/routing bgp peer add name=node-192-168-3-33 remote-address=192.168.3.33 remote-as=64513"},
		}},
		"6, IPv6": {routeros.Remedy6(ipv6), routerclient.Remedy{
			Lines: []string{"/routing bgp peer add name=node-fd00--33 remote-address=fd00::33 remote-as=64513 address-families=ipv6"},
		}},
		"6, VRF": {routeros.Remedy6(grouped), routerclient.Remedy{
			Lines: []string{"/routing bgp peer add name=node-192-168-3-33 remote-address=192.168.3.33 remote-as=64513 instance=<instance of the VRF>"},
			Note:  "Replace <instance of the VRF> by the name of the BGP instance with routing-table=red.",
		}},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestCapture reads what a RouterOS 6 that nobody here configured printed for its peers, between the marks that our own
// command puts around them.
func TestCapture(t *testing.T) {
	t.Parallel()
	captures := os.Getenv("PEERGATE_CAPTURES")
	if captures == "" {
		t.Skip("PEERGATE_CAPTURES is not set to a folder of captures")
	}
	peers, err := os.ReadFile(filepath.Join(captures, "routeros/routing_bgp_peer_print_status_v6.txt"))
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := conformance.Ask(t, overSSH, &replay.Runner{Answers: map[string]routerclient.Output{
		printVersion: {Stdout: []byte("6.49 (stable)\n")},
		printPeers:   {Stdout: fmt.Appendf(nil, "# peers 2\n%s\n# instances\n 0 *  name=\"default\" as=65000\n# end\n", peers)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range snapshot.Sessions {
		got = append(got, fmt.Sprintf("%s %d %s %s %s %v", s.Peer, s.RemoteASN, s.PeerRouterID, s.State, s.Uptime, s.Families))
	}
	want := []string{
		"1.2.3.4 8491 1.2.3.4 Established 1321h49m36s [{IPv4 1836}]",
		"1.2.3.5 8491 1.2.3.5 Established 1321h49m43s [{IPv4 1835}]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-truth +driver):\n%s", diff)
	}
}

// stdouts are the answers to the command in the recordings of one folder of testdata.
func stdouts(tb testing.TB, number string, folder string) []string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*", number+".stdout"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no recordings of command %s in %s: %v", number, folder, err)
	}
	var answers []string
	for _, file := range files {
		answer, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		answers = append(answers, string(answer))
	}
	return answers
}

// byPath answers the REST API's two requests.
func byPath(connections, sessions string) *anyCommand {
	return &anyCommand{answer: func(command string) routerclient.Output {
		out := routerclient.Output{Stdout: []byte(connections), ExitStatus: 200}
		if strings.Contains(command, "/session?") {
			out.Stdout = []byte(sessions)
		}
		return out
	}}
}

func FuzzREST(f *testing.F) {
	for _, answer := range stdouts(f, "01", "rest") {
		f.Add(answer, sessions)
	}
	for _, answer := range stdouts(f, "02", "rest") {
		f.Add(connections, answer)
	}
	f.Fuzz(func(t *testing.T, connections, sessions string) {
		_, _ = conformance.Ask(t, overREST, byPath(connections, sessions))
	})
}

func fuzzSSH(f *testing.F, folder string) {
	for _, answer := range stdouts(f, "01", folder) {
		f.Add(answer, "")
	}
	for _, answer := range stdouts(f, "02", folder) {
		f.Add("6.49\n", answer)
		f.Add("7.16\n", answer)
	}
	f.Fuzz(func(t *testing.T, version, lists string) {
		_, _ = conformance.Ask(t, overSSH, &anyCommand{answer: func(command string) routerclient.Output {
			if command == printVersion {
				return routerclient.Output{Stdout: []byte(version)}
			}
			return routerclient.Output{Stdout: []byte(lists)}
		}})
	})
}

func FuzzSSH7(f *testing.F) { fuzzSSH(f, "ssh7") }

func FuzzSSH6(f *testing.F) { fuzzSSH(f, "ssh6") }
