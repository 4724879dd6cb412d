package verdict_test

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestMessage holds the words that the person who is paged reads, a file a row of the decision table.
func TestMessage(t *testing.T) {
	remedy := func(e verdict.Evidence) verdict.Evidence {
		e.Remedy = routerclient.Remedy{
			Lines: []string{"configure", "set protocols bgp 64512 neighbor 192.168.3.33 remote-as 64512", "commit"},
			Note:  "Nothing is lost at a restart of the router only after save.",
		}
		return e
	}
	one, onlyIPv6 := []verdict.Policy{policy()}, []verdict.Policy{policy(wants(v1alpha1.FamiliesIPv6))}
	tests := map[string]struct {
		node     verdict.Node
		policies []verdict.Policy
		routers  []verdict.Evidence
	}{
		"exempt":              {newNode(func(n *verdict.Node) { n.Exempt = "control plane, no BGP" }), one, nil},
		"held-not-configured": {newNode(), one, []verdict.Evidence{remedy(lack("edge"))}},
		"held-session-down":   {newNode(), one, []verdict.Evidence{asked("edge", 0, down(func(s *verdict.Session) { s.Detail = "OPEN Message Error/Bad Peer AS" }))}},
		"held-bad-address": {newNode(func(n *verdict.Node) {
			bad := "10.0.0.5, leviathan3"
			n.Addresses, n.BadAddress = nil, &bad
		}), one, []verdict.Evidence{lack("edge")}},
		"held-bad-address-long": {newNode(func(n *verdict.Node) {
			bad := strings.Repeat("é\n", 60)
			n.Addresses, n.BadAddress = nil, &bad
		}), one, []verdict.Evidence{lack("edge")}},
		"held-bad-address-full": {newNode(func(n *verdict.Node) {
			bad := strings.Repeat("x", 100)
			n.Addresses, n.BadAddress = nil, &bad
		}), one, []verdict.Evidence{lack("edge")}},
		"held-neither-family":   {newNode(dualStack), []verdict.Policy{policy(wants(v1alpha1.FamiliesAll))}, []verdict.Evidence{asked("edge", 0, carrying(established(time.Minute)))}},
		"held-neither-known":    {newNode(dualStack), []verdict.Policy{policy(wants(v1alpha1.FamiliesAll))}, []verdict.Evidence{asked("edge", 0, established(time.Minute))}},
		"held-family":           {newNode(), onlyIPv6, []verdict.Evidence{asked("edge", 0, carrying(established(time.Minute), routerclient.IPv4))}},
		"held-family-unknown":   {newNode(), onlyIPv6, []verdict.Evidence{asked("edge", 0, established(time.Minute))}},
		"held-both-families":    {newNode(dualStack), []verdict.Policy{policy(wants(v1alpha1.FamiliesAll))}, []verdict.Evidence{asked("edge", 0, carrying(established(time.Minute), routerclient.IPv6))}},
		"peered-both-families":  {newNode(confirmed, dualStack), []verdict.Policy{policy(wants(v1alpha1.FamiliesAll))}, []verdict.Evidence{asked("edge", 0, carrying(established(time.Minute), routerclient.IPv4), carrying(overIPv6(established(time.Second)), routerclient.IPv6))}},
		"peered-one-for-both":   {newNode(confirmed, dualStack), []verdict.Policy{policy(wants(v1alpha1.FamiliesAll))}, []verdict.Evidence{asked("edge", 0, carrying(established(time.Minute), routerclient.IPv4, routerclient.IPv6))}},
		"reported-family":       {newNode(untainted), []verdict.Policy{policy(report, wants(v1alpha1.FamiliesIPv6))}, []verdict.Evidence{asked("edge", 0, carrying(established(time.Minute), routerclient.IPv4))}},
		"lost-flapping-down":    {newNode(relost(time.Minute)), []verdict.Policy{policy(damped)}, []verdict.Evidence{asked("edge", 0, down())}},
		"lost-flapping-up":      {newNode(relost(time.Minute)), []verdict.Policy{policy(damped)}, []verdict.Evidence{asked("edge", 0, established(time.Minute))}},
		"peered-leftover":       {newNode(confirmed), one, []verdict.Evidence{asked("edge", 0, established(time.Hour))}},
		"peered-identifier":     {newNode(confirmed), one, []verdict.Evidence{asked("edge", 0, knownBy(established(time.Second), "192.168.3.31", "leviathan1"))}},
		"peered-two-identities": {newNode(confirmed, func(n *verdict.Node) { n.Identifier = addr }), one, []verdict.Evidence{asked("edge", 0, knownBy(established(time.Second), "10.0.0.9", ""))}},
		"held-admin-down":       {newNode(), one, []verdict.Evidence{asked("edge", 0, down(func(s *verdict.Session) { s.AdminDown = true }))}},
		"held-listen-range":     {newNode(), one, []verdict.Evidence{{Router: "edge", AskedAt: now, StaleAfter: time.Minute, ListenRange: true}}},
		"held-unreachable":      {newNode(), one, []verdict.Evidence{silent("edge")}},
		"held-stale":            {newNode(), one, []verdict.Evidence{asked("edge", time.Hour, established(2*time.Hour))}},
		"held-no-router":        {newNode(), one, nil},
		"held-no-address":       {newNode(func(n *verdict.Node) { n.Addresses = nil }), one, []verdict.Evidence{lack("edge")}},
		"held-two-routers":      {newNode(), one, []verdict.Evidence{up("tor-a"), remedy(lack("tor-b"))}},
		"held-settling":         {newNode(), []verdict.Policy{policy(releaseAfter(30 * time.Second))}, []verdict.Evidence{asked("edge", 0, established(time.Second))}},
		"peered":                {newNode(confirmed), one, []verdict.Evidence{up("edge")}},
		"peered-one-of-two":     {newNode(confirmed), []verdict.Policy{policy(needs(intstr.FromInt32(1)))}, []verdict.Evidence{up("tor-a"), lack("tor-b")}},
		"peered-policy-blocks":  {newNode(confirmed), one, []verdict.Evidence{asked("edge", 0, blocked())}},
		"reported-existing":     {newNode(old, untainted), one, []verdict.Evidence{remedy(lack("edge"))}},
		"reported-mode":         {newNode(untainted), []verdict.Policy{policy(report)}, []verdict.Evidence{lack("edge")}},
		"unknown":               {newNode(confirmed), one, []verdict.Evidence{silent("edge")}},
		"lost-within-grace":     {newNode(confirmed), one, []verdict.Evidence{lack("edge")}},
		"lost":                  {newNode(confirmed, unpeeredFor(time.Hour)), one, []verdict.Evidence{lack("edge")}},
		"lost-guarded":          {newNode(confirmed, unpeeredFor(time.Hour)), []verdict.Policy{policy(guarded)}, []verdict.Evidence{lack("edge")}},
		"held-two-to-configure": {newNode(), one, []verdict.Evidence{remedy(lack("tor-a")), remedy(lack("tor-b"))}},
		"held-no-note":          {newNode(), one, []verdict.Evidence{withoutNote(remedy(lack("edge")))}},
		"held-two-addresses":    {newNode(dualStack), one, []verdict.Evidence{lack("edge")}},
		"held-two-policies": {newNode(), []verdict.Policy{
			called("racks", policy(needs(intstr.FromInt32(1)))), called("spine", policy()), called("exit", policy(needs(intstr.FromInt32(3)), releaseAfter(time.Minute))),
		}, []verdict.Evidence{up("tor-a"), up("tor-b"), lack("exit")}},
		"held-invalid-policy":   {newNode(), []verdict.Policy{policy(needs(intstr.FromString("half")))}, []verdict.Evidence{up("edge")}},
		"reported-one-of-three": {newNode(old, untainted), one, []verdict.Evidence{lack("tor-a"), up("tor-b"), lack("tor-c")}},
		"unknown-no-router":     {newNode(old, untainted), one, nil},
		"lost-two-policies": {newNode(confirmed), []verdict.Policy{
			called("patient", policy(needs(intstr.FromInt32(1)), func(p *verdict.Policy) { p.LossGrace = time.Hour })), called("strict", policy()),
		}, []verdict.Evidence{up("tor-a"), lack("tor-b")}},
		"lost-bootstrap": {newNode(confirmed, unpeeredFor(time.Hour)), []verdict.Policy{policy(bootstrap)}, []verdict.Evidence{lack("edge")}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			in := verdict.Input{Node: test.node, Policies: test.policies, Routers: test.routers, Now: now}
			got := verdict.Decide(in).Condition.Message + "\n"
			in.Now = now.Add(time.Second)
			if later := verdict.Decide(in).Condition.Message + "\n"; later != got {
				t.Errorf("the message changes with time alone, which costs a write each time:\n%s\n%s", got, later)
			}
			golden(t, filepath.Join("testdata", name+".txt"), got)
		})
	}
}

func called(name string, p verdict.Policy) verdict.Policy {
	p.Name = name
	return p
}

func dualStack(n *verdict.Node) { n.Addresses = append(n.Addresses, netip.MustParseAddr("fd00::33")) }

func overIPv6(s verdict.Session) verdict.Session {
	s.Peer = netip.MustParseAddr("fd00::33")
	return s
}

func knownBy(s verdict.Session, identifier, otherNode string) verdict.Session {
	s.PeerRouterID, s.OtherNode = netip.MustParseAddr(identifier), otherNode
	return s
}

func withoutNote(e verdict.Evidence) verdict.Evidence {
	e.Remedy.Note = ""
	return e
}

func blocked() verdict.Session {
	s := established(45 * time.Second)
	s.PolicyBlocked = true
	return s
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
