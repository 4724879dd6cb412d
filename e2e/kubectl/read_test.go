package kubectl_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/e2e/story"
)

// TestAtThreeInTheMorning: a node does not open, and the person on call has nothing but the rights to read.
func TestAtThreeInTheMorning(t *testing.T) {
	s := suite.New(t)
	jane := user(s, "jane", "peergate-cli")
	s.Policy()
	router := s.NewRouter()
	router.Set("192.168.30.1", "Established")
	declared := s.Declare(router)
	s.Join("well", "192.168.30.1")
	s.Join("ill", "192.168.30.2")
	s.EventuallyOpen("well")
	s.EventuallySays("well", corev1.ConditionTrue, "SessionEstablished")
	s.EventuallySays("ill", corev1.ConditionFalse, "NeighborNotConfigured")

	lacks := "Router " + declared.Name + " has no neighbor 192.168.30.2."
	jane.expects(2, []string{"Needs a person:", "node/ill NeighborNotConfigured", lacks, "kubectl peergate explain ill", "Leader: "}, "status")
	jane.expects(2, []string{"node/ill\n"}, "status", "-o", "name")
	jane.expects(2, []string{"ill", "held", "well", "peered"}, "status", "-o", "wide")
	jane.expects(2, []string{
		"Node ill is held", lacks, "Type on " + declared.Name, "neighbor 192.168.30.2 remote-as 64513",
		"wants an Established session with router " + declared.Name, "The taint goes with the first answer", "What was told",
	}, "explain", "ill")
	jane.expects(0, []string{"Node well is peered", "The routers first confirmed it at"}, "explain", "well")
	jane.expects(0, []string{declared.Name, "FRR", "Answered"}, "routers", declared.Name)
	jane.expects(1, []string{`there is no node "nobody"`}, "explain", "nobody")
	jane.expects(1, []string{`there is no BGPRouter "nobody"`}, "routers", "nobody")
	jane.expects(1, []string{`"xml" is not one of wide, json, yaml, name`}, "status", "-o", "xml")

	router.Set("192.168.30.2", "Established")
	jane.eventually("explain", "ill")
}

// TestWithoutRights: what is missing is named, verb and resource.
func TestWithoutRights(t *testing.T) {
	s := suite.New(t)
	joe := user(s, "joe")
	joe.expects(1, []string{
		"error: you lack the verb list on bgprouters.peergate.dev (ClusterRole peergate-cli has it)",
		"the verb list on nodes (ClusterRole peergate-cli has it)",
		"the verb list on peeringpolicies.peergate.dev",
	}, "status")
	joe.expects(1, []string{"you lack the verb list on bgprouters.peergate.dev (ClusterRole peergate-cli has it), and the verb list on nodes", "the verb watch on nodes"}, "status", "--watch")
	joe.expects(0, []string{"unchecked  definitions: not checked: you lack the verb get on customresourcedefinitions.apiextensions.k8s.io"}, "doctor")
	joe.expects(0, []string{"Client:", "Manager: not known: you lack the verb get on deployments.apps in namespace peergate-system"}, "version")
}

// TestViewerLacksNodes: the role view of Kubernetes has no nodes, so that the command says what is missing.
func TestViewerLacksNodes(t *testing.T) {
	s := suite.New(t)
	user(s, "viewer", "peergate-viewer").expects(1, []string{"error: you lack the verb list on nodes (ClusterRole peergate-cli has it)\n"}, "status")
}

// watched is what is used of a page in JSON form.
type watched struct {
	Node struct {
		State   string `json:"state"`
		Tainted bool   `json:"tainted"`
	} `json:"node"`
}

// TestWatch follows a node until it opens, as a script would.
func TestWatch(t *testing.T) {
	s := suite.New(t)
	jane := user(s, "watcher", "peergate-cli")
	s.Policy()
	router := s.NewRouter()
	s.Declare(router)
	s.Join("watched", "192.168.31.1")
	s.EventuallySays("watched", corev1.ConditionFalse, "NeighborNotConfigured")

	ctx, cancel := context.WithTimeout(t.Context(), story.Patience)
	defer cancel()
	cmd := jane.command(ctx, "explain", "watched", "--watch", "-o", "json")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var states []string
	for pages := json.NewDecoder(bufio.NewReader(stdout)); ; {
		var page watched
		if err := pages.Decode(&page); err != nil {
			t.Fatalf("after states %v: %v", states, err)
		}
		states = append(states, page.Node.State)
		if len(states) == 1 {
			router.Set("192.168.31.1", "Established")
		}
		if page.Node.State == "peered" && !page.Node.Tainted {
			break
		}
	}
	if states[0] != "held" {
		t.Errorf("the states of the node were %v, want held first", states)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("interrupted, it ended with %v", err)
	}
}

// TestCompletion offers the names of the cluster's own nodes and routers, through kubectl's own completion.
func TestCompletion(t *testing.T) {
	s := suite.New(t)
	s.Policy()
	router := s.Declare(s.NewRouter())
	s.Join("completed", "192.168.32.1")
	jane := user(s, "typist", "peergate-cli")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"explain", ""}, "completed"},
		{[]string{"exempt", ""}, "completed"},
		{[]string{"routers", ""}, router.Name},
		{[]string{"fix", "completed", "--router", ""}, router.Name},
		{[]string{"status", "-o", ""}, "json"},
		{[]string{"doctor", ""}, "certificate"},
	} {
		offered, err := jane.kubectl(t.Context(), append([]string{"__complete", "peergate"}, test.args...)...).Output()
		if err != nil || !slices.Contains(strings.Split(string(offered), "\n"), test.want) {
			t.Errorf("completing %q does not offer %s, %v:\n%s", test.args, test.want, err, offered)
		}
	}
}
