package doctor

import (
	"fmt"
	"strings"

	"github.com/peergate/peergate/internal/speaker"
)

// speakers looks for the deadlock that everybody meets first: a taint that keeps the BGP speaker itself from starting.
func speakers(f Facts) ([]Finding, error) {
	daemonSets, err := f.DaemonSets.Get()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, s := range speaker.Find(daemonSets, f.Taint) {
		if s.Tolerates {
			continue
		}
		finding := Finding{
			Level: Problem,
			Message: fmt.Sprintf("DaemonSet %s/%s (%s) does not tolerate the taint %s: on a held node it never starts, so there is never a session",
				s.Namespace, s.Name, s.Product, f.Taint.Key),
			Fix: "Let it tolerate the taint: " + s.Fix,
		}
		if strings.HasPrefix(s.Fix, "kubectl ") {
			finding.Fix, finding.Commands = "Let it tolerate the taint.", []string{s.Fix}
		}
		found = append(found, finding)
	}
	return found, nil
}
