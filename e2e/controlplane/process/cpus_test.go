package process_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/peergate/peergate/e2e/controlplane/process"
)

// TestCPUs: a process runs where its Spec says, and one after it where the calling process does.
func TestCPUs(t *testing.T) {
	all, err := process.CPUs()
	if err != nil {
		t.Fatal(err)
	}
	last := all[len(all)-1:]
	spec := shell(t, "exec sleep 60")
	spec.CPUs = last
	for _, test := range []struct {
		spec process.Spec
		want []int
	}{{spec, last}, {shell(t, "exec sleep 60"), all}} {
		p, err := process.Start(test.spec)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Kill)
		if got := allowed(t, filepath.Join("/proc", strconv.Itoa(p.PID()))); !slices.Equal(got, test.want) {
			t.Errorf("runs on CPUs %v, want %v", got, test.want)
		}
	}
}

// TestConfine: no thread is left out, and none that is made later.
func TestConfine(t *testing.T) {
	all, err := process.CPUs()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := process.Confine(all); err != nil {
			t.Error(err)
		}
	})
	last := all[len(all)-1:]
	if err := process.Confine(last); err != nil {
		t.Fatal(err)
	}
	threads, err := filepath.Glob("/proc/self/task/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		if got := allowed(t, thread); !slices.Equal(got, last) {
			t.Errorf("%s runs on CPUs %v, want %v", thread, got, last)
		}
	}
	if got := allowed(t, filepath.Join("/proc", strconv.Itoa(start(t, "exec sleep 60").PID()))); !slices.Equal(got, last) {
		t.Errorf("a process started later runs on CPUs %v, want %v", got, last)
	}
}

// allowed reads Cpus_allowed_list (proc_pid_status(5)): "0-2,5".
func allowed(t *testing.T, proc string) (cpus []int) {
	t.Helper()
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(status), "Cpus_allowed_list:")
	list, _, _ = strings.Cut(list, "\n")
	for part := range strings.SplitSeq(strings.TrimSpace(list), ",") {
		var from, to int
		if n, err := fmt.Sscanf(part, "%d-%d", &from, &to); n == 1 {
			to = from
		} else if err != nil {
			t.Fatalf("reading CPUs %q: %v", list, err)
		}
		for cpu := from; cpu <= to; cpu++ {
			cpus = append(cpus, cpu)
		}
	}
	return cpus
}
