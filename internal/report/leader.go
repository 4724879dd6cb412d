package report

import (
	"errors"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/peergate/peergate/internal/access"
)

func isNoMatch(err error) bool { return meta.IsNoMatchError(err) }

// Leader is the replica that asks the routers and writes the nodes.
type Leader struct {
	// Alive is nil if that is not known; Unknown says why.
	Alive   *bool  `json:"alive,omitempty"`
	Holder  string `json:"holder,omitempty"`
	Unknown string `json:"unknown,omitempty"`
	// renewed is when the lease was last renewed, by the leader's own clock.
	renewed time.Time
}

// clockSlack is how far the leader's clock may be from the reader's.
const clockSlack = 30 * time.Second

// leader tells from the lease whether there is one.
func (c Cluster) leader(now time.Time) Leader {
	var denied *access.Denied
	switch {
	case errors.As(c.LeaseError, &denied):
		return Leader{Unknown: denied.Error()}
	case c.LeaseError != nil && !apierrors.IsNotFound(c.LeaseError):
		return Leader{Unknown: c.LeaseError.Error()}
	default:
		return LeaderOf(c.Lease, now)
	}
}

// LeaderOf tells from a lease, or from nil where there is none, whether somebody leads.
func LeaderOf(lease *coordinationv1.Lease, now time.Time) Leader {
	if lease == nil || lease.Spec.HolderIdentity == nil || lease.Spec.RenewTime == nil {
		return Leader{Alive: new(false)}
	}
	l := Leader{Holder: *lease.Spec.HolderIdentity, renewed: lease.Spec.RenewTime.Time}
	valid := clockSlack
	if seconds := lease.Spec.LeaseDurationSeconds; seconds != nil {
		valid += time.Duration(*seconds) * time.Second
	}
	l.Alive = new(l.Holder != "" && now.Sub(l.renewed) < valid)
	return l
}

// Leads is true if it is known that somebody leads.
func (l Leader) Leads() bool { return l.Alive != nil && *l.Alive }
