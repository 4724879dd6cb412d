package nodelifecycle

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/peergate/peergate/internal/sessiontable"
	"github.com/peergate/peergate/routerclient"
)

// TestStyleIsReadOnceAnAnswer: the style of a router's neighbors, which takes a look-up of each, is read once from each of
// its answers, whatever other routers say, and whatever it reports by itself. It has two neighbors.
func TestStyleIsReadOnceAnAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		then    func(*sessiontable.Table)
		asn     uint32
		lookups int
	}{
		"nothing":                {func(*sessiontable.Table) {}, 65001, 0},
		"another router answers": {func(table *sessiontable.Table) { saysOfTwo(table, "core", now.Add(time.Second), 65002) }, 65001, 0},
		"it reports": {func(table *sessiontable.Table) {
			table.Report("edge", sessiontable.Report{Session: sessionOf(1, true), HeardAt: now, SaidAt: now, StaleAfter: time.Minute})
		}, 65001, 0},
		"it answers":      {func(table *sessiontable.Table) { saysOfTwo(table, "edge", now.Add(time.Second), 65002) }, 65002, 2},
		"it is forgotten": {func(table *sessiontable.Table) { table.Forget("edge") }, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			lookups := 0
			r := &Reconciler{
				Client: fake.NewClientBuilder().WithScheme(testScheme(t)).WithObjects(lostNodes(now, 2)...).
					WithIndex(&corev1.Node{}, addressIndex, addressesOf).WithInterceptorFuncs(counting(&lookups)).Build(),
				Table: sessiontable.New(),
			}
			saysOfTwo(r.Table, "edge", now, 65001)
			if got := r.siblings.of(t.Context(), r, "edge", sessionOf(0, true).Peer).ASN; got != 65001 || lookups != 2 {
				t.Fatalf("AS %d after %d look-ups, want 65001 after 2", got, lookups)
			}
			lookups = 0
			test.then(r.Table)
			if got := r.siblings.of(t.Context(), r, "edge", sessionOf(0, true).Peer).ASN; got != test.asn || lookups != test.lookups {
				t.Errorf("AS %d after %d look-ups, want %d after %d", got, lookups, test.asn, test.lookups)
			}
		})
	}
}

func saysOfTwo(table *sessiontable.Table, router string, at time.Time, asn uint32) {
	answer := &routerclient.Snapshot{}
	for i := range 2 {
		s := sessionOf(i, true)
		s.RemoteASN = asn
		answer.Sessions = append(answer.Sessions, s)
	}
	table.Record(router, sessiontable.Answer{
		Snapshot: answer, VRF: sessiontable.AnyVRF, AskedAt: at, AnsweredAt: at, StaleAfter: time.Minute,
	})
}
