package lab

import "context"

// Node is a host that runs a BGP speaker, as MetalLB and frr-k8s do on a node of Kubernetes.
type Node struct {
	*Host
	daemon Daemon
}

// NewNode makes a node whose speaker is not running yet.
func (l *Lab) NewNode(spec Spec) *Node {
	l.t.Helper()
	return &Node{Host: l.addHost(spec), daemon: spec.Daemon}
}

// StartSpeaker starts the speaker, and returns once it answers; its sessions take longer. It does nothing to a speaker
// that is running.
func (n *Node) StartSpeaker(ctx context.Context) error { return n.daemon.Start(ctx, n.Host) }

// StopSpeaker ends the speaker in the orderly way, as the deletion of its pod does.
func (n *Node) StopSpeaker(ctx context.Context) error { return n.daemon.Stop(ctx, n.Host) }
