package controlplane

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestStopLeavesNothingBehind(t *testing.T) {
	c, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.StartScheduler(t.Context()), c.StartControllerManager(t.Context())); err != nil {
		t.Fatal(err)
	}
	processes := c.processes
	if len(processes) != 4 {
		t.Errorf("%d processes, want etcd, apiserver, scheduler and controller manager", len(processes))
	}
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	for _, p := range processes {
		if err := syscall.Kill(p.PID(), 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("process %d is still there: %v", p.PID(), err)
		}
	}
	if _, err := os.Stat(c.dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", c.dir, err)
	}
}

func TestStopTellsOfAComponentThatEndedByItself(t *testing.T) {
	c, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	apiServer := c.apiServer
	c.mu.Unlock()
	if err := apiServer.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-apiServer.Exited()
	if err := c.Stop(); err == nil || !strings.Contains(err.Error(), "kube-apiserver ended by itself: signal: killed") {
		t.Errorf("Stop() = %v, want an error that says what happened to kube-apiserver", err)
	}
}
