package fix_test

import (
	"strings"
	"testing"

	"github.com/peergate/peergate/e2e/lab"
	"github.com/peergate/peergate/e2e/story"
)

// TestFRR has a person look at what is missing, decline, mistake a peer group, and then have it typed.
func TestFRR(t *testing.T) {
	s := newSite(t, "FRR", lab.FRR{})
	s.shown()
	s.declined()
	s.refused()
	s.applied()
	s.check(s.edge.Restart(s.deadline()))
	s.check(s.edge.WaitEstablished(s.deadline(), unknown)) // the configuration was saved
}

// TestGoBGP has a router that takes one command.
func TestGoBGP(t *testing.T) {
	s := newSite(t, "GoBGP", lab.GoBGP{})
	s.applied()
}

// TestBIRD has a router whose neighbors are in a file: the lines are shown, and nothing is typed.
func TestBIRD(t *testing.T) {
	s := newSite(t, "BIRD", lab.BIRD{})
	printed, status := s.fix("", "--apply", "--yes")
	s.wants(printed, status, 1, "protocol bgp node_192_168_3_33", "--apply: nothing is typed into a router of platform BIRD", "Type the lines above yourself")
	if s.knows(unknown) {
		t.Error("the router has the neighbor")
	}
}

func (s *site) shown() {
	s.Helper()
	printed, status := s.fix("")
	s.wants(printed, status, 2, "Router "+s.router()+" has no neighbor 192.168.3.33.", "  neighbor 192.168.3.33 remote-as 64513\n")
	if s.knows(unknown) {
		s.Fatal("the router has a neighbor that was only shown")
	}
}

func (s *site) declined() {
	s.Helper()
	printed, status := s.fix("n\n", "--apply")
	s.wants(printed, status, 2, "Type it? [y/N]", "Nothing was typed")
	if s.knows(unknown) {
		s.Fatal("the router has a neighbor that was declined")
	}
}

// refused has the router take the neighbor's first line, and refuse the second.
func (s *site) refused() {
	s.Helper()
	printed, status := s.fix("y\n", "--apply", "--peer-group", "NOSUCH")
	s.wants(printed, status, 1, "neighbor 192.168.3.33 peer-group NOSUCH", "the router says: %", "the router is as it was")
	config, err := s.edge.Type(s.deadline(), "show running-config")
	s.check(err)
	if s.knows(unknown) || strings.Contains(config, unknown.String()) {
		s.Fatalf("something is left of the neighbor:\n%s", config)
	}
	if !s.knows(known) {
		s.Fatal("another neighbor is gone")
	}
}

// applied has the session come up, and the node open.
func (s *site) applied() {
	s.Helper()
	printed, status := s.fix("y\n", "--apply")
	s.wants(printed, status, 0, "has neighbor 192.168.3.33", "has an Established session with 192.168.3.33")
	s.EventuallyOpen(s.nodeName(unknown))
	if story.Tainted(s.Node(s.nodeName(known))) {
		s.Error("another node is held")
	}
	printed, status = s.fix("", "--apply", "--yes")
	s.wants(printed, status, 0, "has an Established session with 192.168.3.33")
}
