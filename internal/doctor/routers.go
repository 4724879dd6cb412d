package doctor

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/routerclient"
)

// routers looks for routers that give no answer.
func routers(f Facts) ([]Finding, error) {
	status, err := f.Status.Get()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, r := range status.Routers {
		switch r.Reachable {
		case metav1.ConditionTrue:
		case metav1.ConditionUnknown:
			found = append(found, Finding{
				Level: Warning, Message: "router " + r.Name + " has not been asked yet",
				Fix: "If that lasts for longer than a minute, see whether a manager leads.", Commands: []string{"kubectl peergate doctor manager"},
			})
		default:
			found = append(found, Finding{
				Level: Problem, Message: fmt.Sprintf("router %s gives no answer (%s): %s", r.Name, r.Reason, r.Message),
				Fix: whatToDo(routerclient.Reason(r.Reason)), Commands: []string{"kubectl describe bgprouter " + r.Name},
			})
		}
	}
	return found, nil
}

// whatToDo is the short form of the table in docs/operations.md.
func whatToDo(reason routerclient.Reason) string {
	switch reason {
	case routerclient.ReasonUnreachable, routerclient.ReasonTimeout:
		return "See the way there: address, port, firewall, and a NetworkPolicy in Peergate's namespace."
	case routerclient.ReasonHostKeyMismatch, routerclient.ReasonHostKeyUnknown:
		return "Compare the router's host key with key known_hosts of its Secret. Write the new one there only if the router was replaced."
	case routerclient.ReasonAuthenticationFailed:
		return "Correct the account in the Secret. It is tried at once."
	case routerclient.ReasonPermissionDenied:
		return "Give the account on the router the right to the command that is named."
	case routerclient.ReasonBGPNotRunning:
		return "Start BGP on the router, or correct the BGPRouter's address."
	default:
		return "docs/operations.md says what each reason means."
	}
}
