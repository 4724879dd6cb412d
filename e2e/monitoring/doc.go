// Package monitoring proves config/monitoring: the rules by promtool and on a Prometheus that scrapes a real run, the
// queries of the dashboard on the same, the commands of the runbooks on its cluster, and the manager's log of it.
package monitoring
