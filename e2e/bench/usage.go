package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// usage is what a process has used.
type usage struct {
	cpu time.Duration
	// resident is what it has in memory now, peak the most since the last resetPeak, both in bytes.
	resident, peak int64
}

// clockTick is USER_HZ, which is 100 on every architecture that Go runs on.
const clockTick = 10 * time.Millisecond

func usageOf(pid int) (usage, error) {
	var u usage
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return u, err
	}
	// The name of the program, in parentheses, may hold anything; utime and stime are the 12th and 13th after it (proc(5)).
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	for _, field := range fields[11:13] {
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return u, err
		}
		u.cpu += time.Duration(ticks) * clockTick
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, err
	}
	if u.resident, err = kilobytes(status, "VmRSS:"); err != nil {
		return u, err
	}
	u.peak, err = kilobytes(status, "VmHWM:")
	return u, err
}

// controlPlaneCPU is what etcd and the API server have used together, in CPU seconds.
func (b *rig) controlPlaneCPU() (float64, error) {
	var total time.Duration
	for _, pid := range b.cluster.PIDs() {
		used, err := usageOf(pid)
		if err != nil {
			return 0, err
		}
		total += used.cpu
	}
	return total.Seconds(), nil
}

func kilobytes(status []byte, name string) (int64, error) {
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name); ok {
			n, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return n << 10, err
		}
	}
	return 0, fmt.Errorf("no %s in the status of the process", name)
}

// resetPeak makes the peak what is resident now.
func resetPeak(pid int) error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
}

func mebibytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }
