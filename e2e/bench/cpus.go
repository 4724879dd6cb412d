package main

import (
	"fmt"

	"github.com/peergate/peergate/e2e/controlplane/process"
)

// cpus says who runs where, by the numbers of the CPUs.
type cpus struct {
	// ControlPlane is for etcd and the API server; Rest for the leader, the clients and the router.
	ControlPlane, Rest []int
}

func (c cpus) String() string {
	if len(c.ControlPlane) > 0 && c.ControlPlane[0] == c.Rest[0] {
		return "one core for all"
	}
	return fmt.Sprintf("%d of %d cores for the control plane", len(c.ControlPlane), len(c.ControlPlane)+len(c.Rest))
}

// shareCPUs halves those of this process and leaves it the rest.
func shareCPUs() (cpus, error) {
	all, err := process.CPUs()
	if err != nil {
		return cpus{}, err
	}
	shared := halve(all)
	return shared, process.Confine(shared.Rest)
}

// halve lets all share a single CPU.
func halve(all []int) cpus {
	if len(all) < 2 {
		return cpus{ControlPlane: all, Rest: all}
	}
	return cpus{ControlPlane: all[:len(all)/2], Rest: all[len(all)/2:]}
}
