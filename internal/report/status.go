package report

import (
	"time"

	"github.com/peergate/peergate/internal/verdict"
)

// Status is the whole cluster at a glance.
type Status struct {
	// NeedsPerson is empty if all is well.
	NeedsPerson []Urgent `json:"needsPerson"`
	Nodes       Counts   `json:"nodes"`
	Routers     []Router `json:"routers"`
	Policies    []Policy `json:"policies"`
	Leader      Leader   `json:"leader"`
	NodeList    []Node   `json:"nodeList"`
}

// Counts counts nodes by state.
type Counts struct {
	Peered     int `json:"peered"`
	Held       int `json:"held"`
	Lost       int `json:"lost"`
	Reported   int `json:"reported"`
	Exempt     int `json:"exempt"`
	Unknown    int `json:"unknown"`
	Unselected int `json:"unselected"`
}

// Status says how the cluster is at a time.
func (c Cluster) Status(now time.Time) Status {
	s := Status{Routers: c.routers(), Policies: c.policies(), NodeList: c.nodes(), Leader: c.leader(now)}
	s.Nodes = count(s.NodeList)
	s.NeedsPerson = c.urgent(&s, now)
	return s
}

func count(nodes []Node) Counts {
	by := map[verdict.State]int{}
	for _, n := range nodes {
		by[n.State]++
	}
	return Counts{
		Peered: by[verdict.Peered], Held: by[verdict.Held], Lost: by[verdict.Lost], Reported: by[verdict.Reported],
		Exempt: by[verdict.Exempt], Unknown: by[verdict.Undecided], Unselected: by[verdict.Unselected],
	}
}

// Healthy is true if nothing needs a person.
func (s Status) Healthy() bool { return len(s.NeedsPerson) == 0 }
