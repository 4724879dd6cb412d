package process

import (
	"os/exec"
	"runtime"
	"sync"
)

// forks carries work to the one thread that forks. See forkLasting.
var forks = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for fork := range work {
			fork()
		}
	}()
	return work
})

// forkLasting starts cmd from a thread that lasts as long as this process. The kernel sends Pdeathsig when the forking
// thread ends, not the process, and Go ends a thread whose goroutine returns while locked to it, as goroutines that
// enter a network namespace do (https://go.dev/issue/27505).
func forkLasting(cmd *exec.Cmd, cpus []int) error {
	done := make(chan error, 1)
	forks() <- func() { done <- onCPUs(cpus, cmd.Start) }
	return <-done
}
