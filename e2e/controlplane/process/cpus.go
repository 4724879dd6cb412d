package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// CPUs are the numbers of those that the calling thread may run on.
func CPUs() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("reading the CPU affinity: %w", err)
	}
	var cpus []int
	for cpu := 0; len(cpus) < set.Count(); cpu++ {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

// Confine leaves all threads of the calling process only some CPUs, and so every process that it starts from then on.
func Confine(cpus []int) error {
	// A thread inherits the CPUs of the one that makes it, which may be one that this has not come to. A list of threads
	// in which there was none to confine has them all.
	confined := map[int]bool{}
	for {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return fmt.Errorf("listing the threads of this process: %w", err)
		}
		before := len(confined)
		for _, entry := range threads {
			thread, err := strconv.Atoi(entry.Name())
			if err != nil {
				return fmt.Errorf("listing the threads of this process: %w", err)
			}
			if confined[thread] {
				continue
			}
			if err := setCPUs(thread, cpus); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ESRCH) {
				return err
			}
			confined[thread] = true
		}
		if len(confined) == before {
			return nil
		}
	}
}

// onCPUs calls start while the calling thread may run on cpus alone, if there are any. What start forks inherits them.
func onCPUs(cpus []int, start func() error) error {
	if len(cpus) == 0 {
		return start()
	}
	all, err := CPUs()
	if err != nil {
		return err
	}
	if err := setCPUs(0, cpus); err != nil {
		return err
	}
	return errors.Join(start(), setCPUs(0, all))
}

// setCPUs is for a thread by its number, or for the calling thread if that is 0.
func setCPUs(thread int, cpus []int) error {
	var set unix.CPUSet
	for _, cpu := range cpus {
		set.Set(cpu)
	}
	if err := unix.SchedSetaffinity(thread, &set); err != nil {
		return fmt.Errorf("setting the CPU affinity to %v: %w", cpus, err)
	}
	return nil
}
