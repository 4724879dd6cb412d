// Package explore runs the real Node controller and the real Node webhooks against a simulated API server, in every
// order in which the actors of a scenario can act: managers that are old, new, stale or killed between two writes,
// routers, administrators, kubelets, and others who write taints. It looks at every state that can be reached within a
// number of steps, and fails at the first that breaks an invariant, with the shortest way to it.
//
// The simulation keeps to what the API server does and a client can rely on: resource versions and UIDs, patches that
// are applied by the API server's own libraries, status as a subresource, admission, and caches that lag by any amount.
package explore
