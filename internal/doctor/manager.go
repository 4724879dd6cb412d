package doctor

import (
	"fmt"

	"github.com/peergate/peergate/internal/report"
)

// manager looks for replicas that are not ready, and for a leader.
func manager(f Facts) ([]Finding, error) {
	var found []Finding
	deployment, err := f.Manager.Get()
	logs := fmt.Sprintf("kubectl -n %s logs deployment/%s --all-pods --tail 20", f.Namespace, managerName)
	pods := fmt.Sprintf("kubectl -n %s describe pods -l app.kubernetes.io/component=manager", f.Namespace)
	switch {
	case err != nil:
	case deployment == nil:
		found = append(found, Finding{
			Level: Problem, Message: "there is no Deployment " + managerName + " in namespace " + f.Namespace,
			Fix: "Install Peergate, or name its namespace with --namespace.", Commands: []string{"kubectl apply -k config/default"},
		})
	case deployment.Status.ReadyReplicas == 0:
		found = append(found, Finding{
			Level: Problem, Message: "no replica of the manager is ready: new nodes join without the taint, and none is released",
			Fix: "See why its pods do not run, or are not ready.", Commands: []string{pods, logs},
		})
	case deployment.Status.ReadyReplicas < wantedReplicas(deployment.Spec.Replicas):
		found = append(found, Finding{
			Level:   Warning,
			Message: fmt.Sprintf("%d of %d replicas of the manager are ready", deployment.Status.ReadyReplicas, wantedReplicas(deployment.Spec.Replicas)),
			Fix:     "See why the others do not run, or are not ready.", Commands: []string{pods, logs},
		})
	}
	lease, leaseErr := f.Lease.Get()
	if leaseErr != nil {
		return found, leaseErr
	}
	if held := report.LeaderOf(lease, f.now()); !held.Leads() {
		found = append(found, Finding{
			Level: Problem, Message: "no replica leads: no router is asked, and no node is tainted or released",
			Fix: "See what the replicas log: the leader must be able to write its lease.", Commands: []string{logs},
		})
	}
	return found, err
}

func wantedReplicas(n *int32) int32 {
	if n == nil {
		return 1 // the API's default
	}
	return *n
}
