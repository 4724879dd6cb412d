package story

import "github.com/peergate/peergate/routerclient/routertest"

// Restart has the router come back at the same address, with the options that NewRouter gave it and the changes to
// them. Its neighbors stay.
func (r *Router) Restart(tb routertest.TB, change ...func(*routertest.Options)) {
	tb.Helper()
	o := r.options
	o.Addr = r.Addr()
	for _, f := range change {
		f(&o)
	}
	r.Close()
	r.Server = routertest.NewServer(tb, o)
}
