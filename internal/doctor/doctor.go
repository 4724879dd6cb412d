// Package doctor looks for what is wrong with an installation of Peergate, and with what it depends on. Each check is a
// pure function of what was gathered, in a file of its own.
package doctor

import (
	"cmp"
	"slices"
)

// Level is how bad a finding is.
type Level string

// The levels. A Note needs nobody; a Warning will, or may, need somebody; a Problem does. Unchecked is a check that could
// not be made.
const (
	OK        Level = "ok"
	Note      Level = "note"
	Unchecked Level = "unchecked"
	Warning   Level = "warning"
	Problem   Level = "problem"
)

// worst orders the levels.
var worst = []Level{Problem, Warning, Unchecked, Note, OK}

// Finding is what a check has found.
type Finding struct {
	Check   string `json:"check"`
	Level   Level  `json:"level"`
	Message string `json:"message"`
	// Fix says what to do, in words, and Commands what to type.
	Fix      string   `json:"fix,omitempty"`
	Commands []string `json:"commands,omitempty"`
}

// check is one check. It finds nothing where all is well. Its error is why it could not be made.
type check struct {
	name string
	// fine is said where nothing is found.
	fine string
	find func(Facts) ([]Finding, error)
}

// checks are in the order in which one thing depends on another.
var checks = []check{
	{"manager", "a leader is alive, and every replica is ready", manager},
	{"definitions", "both CustomResourceDefinitions are served, and are those of this command's release", definitions},
	{"rbac", "the manager has every right that it needs", rbac},
	{"certificate", "the webhooks' certificate is valid", certificate},
	{"webhooks", "every webhook is there, and the API server knows its CA", webhooks},
	{"node-identity", "the policy that keeps nodes from opening themselves is in force", nodeIdentity},
	{"reachability", "the API server reaches the webhooks: a Node created in a dry run got the taint", reachability},
	{"taint", "the taint is the same wherever it is named", taintKey},
	{"clocks", "the clocks agree", clocks},
	{"speakers", "every BGP speaker and network agent tolerates the taint", speakers},
	{"routers", "every router answers", routers},
	{"bmp", "every router that is to tell of its sessions by itself does, or there is none", bmp},
	{"families", "every router says which address families its sessions carry, or no policy wants to know", families},
	{"idle-routers", "every router serves nodes", idleRouters},
	{"unserved-nodes", "every node under a policy has a router", unservedNodes},
	{"stray-neighbors", "every neighbor on the routers is a node", strayNeighbors},
	{"disruption-guard", "no disruption guard has tripped", disruptionGuard},
	{"idle-policies", "every policy selects nodes", idlePolicies},
	{"overlapping-policies", "no node is under more than one policy", overlappingPolicies},
	{"orphaned-taints", "no node carries the taint without a policy", orphanedTaints},
	{"cluster-autoscaler", "cluster-autoscaler knows the taint, or is not there", clusterAutoscaler},
	{"karpenter", "Karpenter knows the taint, or is not there", karpenter},
	{"descheduler", "the descheduler leaves tainted nodes alone, or is not there", descheduler},
}

// Names are those of all checks.
func Names() []string {
	names := make([]string, 0, len(checks))
	for _, c := range checks {
		names = append(names, c.name)
	}
	return names
}

// Report is what the checks have found, the worst first.
type Report struct {
	Findings []Finding `json:"findings"`
}

// Examine makes the checks with the names, or all of them if there are none.
func Examine(f Facts, names ...string) Report {
	var r Report
	for _, c := range checks {
		if len(names) == 0 || slices.Contains(names, c.name) {
			r.Findings = append(r.Findings, c.findings(f)...)
		}
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Compare(slices.Index(worst, a.Level), slices.Index(worst, b.Level))
	})
	return r
}

func (c check) findings(f Facts) []Finding {
	found, err := c.find(f)
	switch {
	case err != nil:
		found = append(found, Finding{Level: Unchecked, Message: "not checked: " + err.Error()})
	case len(found) == 0:
		found = []Finding{{Level: OK, Message: c.fine}}
	}
	for i := range found {
		found[i].Check = c.name
	}
	return found
}

// Healthy is true if there is no problem.
func (r Report) Healthy() bool {
	return !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Level == Problem })
}
