package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"
)

// report is everything that was measured.
type report struct {
	Machine    machine
	Gates      []gate
	Admissions []admission
	Storms     []storm
	Steady     steady
	Heartbeat  heartbeat
	Memory     memory
	MassLoss   massLoss
}

type machine struct {
	Date string
	Go   string
	CPUs cpus
}

func (b *rig) machine() machine {
	return machine{Date: time.Now().UTC().Format(time.DateOnly), Go: runtime.Version(), CPUs: b.cpus}
}

// The bounds that are marked where they are not kept.
const (
	maxOfFloor     = 1.2
	maxResidentMiB = 80
)

const marker = " !"

func mark(value string, within bool) string {
	if within {
		return value
	}
	return value + marker
}

// print writes the tables.
func (r *report) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "%s, %s, %s\n\n", r.Machine.Go, r.Machine.CPUs, r.Machine.Date)
	for _, table := range []struct {
		measured bool
		print    func(io.Writer)
	}{
		{len(r.Gates) > 0, r.printGates}, {len(r.Storms) > 0, r.printStorms}, {len(r.Storms) > 0, r.printControlPlane},
		{len(r.Storms) > 0, r.printRequests}, {r.Memory.Nodes > 0, r.printMemory}, {r.Steady.Nodes > 0, r.printSteady},
		{r.Heartbeat.Writes > 0, r.printHeartbeat}, {len(r.Admissions) > 0, r.printAdmissions},
		{r.MassLoss.Nodes > 0, r.printMassLoss},
	} {
		if table.measured {
			table.print(t)
			fmt.Fprintln(t)
		}
	}
	return t.Flush()
}

func (r *report) printGates(w io.Writer) {
	fmt.Fprintln(w, "from Established to the release, ms\tnodes\tp50\tp99\tmost\tbound of p50\tof p99\tbare patch: p50\tp99\t")
	for _, g := range r.Gates {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%.0f\t%s\t%.0f\t", g.Source, g.Latency.Count,
			mark(fmt.Sprintf("%.1f", g.Latency.P50), g.BoundP50 == 0 || g.Latency.P50 <= g.BoundP50),
			mark(fmt.Sprintf("%.1f", g.Latency.P99), g.Latency.P99 <= g.BoundP99), g.Latency.Max, orDash(g.BoundP50), g.BoundP99)
		if g.Bare != nil {
			fmt.Fprintf(w, "%.1f\t%.1f\t\n", g.Bare.P50, g.Bare.P99)
		} else {
			fmt.Fprintln(w, "-\t-\t")
		}
	}
}

func orDash(v float64) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f", v)
}

func (r *report) printStorms(w io.Writer) {
	fmt.Fprintln(w, "nodes\tjoin: s\tfloor\tratio\tCPU s\tpolls\trelease: s\tfloor\tratio\tCPU s\tMiB\tpeak\t")
	for _, s := range r.Storms {
		fmt.Fprintf(w, "%d\t", s.Nodes)
		for _, p := range []phase{s.Join, s.Release} {
			fmt.Fprintf(w, "%.2f\t%.2f\t%s\t%.2f\t", p.Seconds, p.Floor.Seconds,
				mark(fmt.Sprintf("%.2f", p.ratio()), p.ratio() <= maxOfFloor), p.CPUSeconds)
			if p == s.Join {
				fmt.Fprintf(w, "%d\t", p.Polls)
			}
		}
		fmt.Fprintf(w, "%.0f\t%.0f\t\n", s.ResidentMiB, s.PeakMiB)
	}
}

func (r *report) printControlPlane(w io.Writer) {
	fmt.Fprintln(w, "CPU s of the control plane\tjoin\tfloor\tratio\trelease\tfloor\tratio\t")
	for _, s := range r.Storms {
		fmt.Fprintf(w, "%d", s.Nodes)
		for _, p := range []phase{s.Join, s.Release} {
			fmt.Fprintf(w, "\t%.2f\t%.2f\t%.2f", p.ControlPlane, p.Floor.ControlPlane, p.ControlPlane/p.Floor.ControlPlane)
		}
		fmt.Fprintln(w, "\t")
	}
}

func (r *report) printRequests(w io.Writer) {
	fmt.Fprintln(w, "requests per node\tspec\tstatus\treads\trefused\tEvents\t")
	for _, s := range r.Storms {
		for _, p := range []struct {
			name string
			phase
		}{{"join", s.Join}, {"release", s.Release}} {
			fmt.Fprintf(w, "%s of %d", p.name, s.Nodes)
			q := p.Requests
			for _, count := range []int{q.NodeSpec, q.NodeStatus, q.NodeReads, q.Refused, q.Events} {
				fmt.Fprintf(w, "\t%.3f", float64(count)/float64(s.Nodes))
			}
			fmt.Fprintln(w, "\t")
		}
	}
}

func (r *report) printSteady(w io.Writer) {
	s := r.Steady
	fmt.Fprintln(w, "steady nodes\tseconds\tstatuses\tleases\tpolls\tCPU s/s of 1,000\twrites\twebhook calls\t")
	fmt.Fprintf(w, "%d\t%.0f\t%d\t%d\t%d\t%.4f\t%s\t%s\t\n", s.Nodes, s.Seconds, s.Statuses, s.Leases, s.Polls, s.CPUPerThousand,
		mark(fmt.Sprint(s.Writes), s.Writes == 0), mark(fmt.Sprint(s.Webhooks), s.Webhooks == 0))
}

func (r *report) printHeartbeat(w io.Writer) {
	h := r.Heartbeat
	fmt.Fprintln(w, "statuses\tCPU ms of the control plane for one\twithout Peergate\tratio\t")
	fmt.Fprintf(w, "%d\t%.2f\t%.2f\t%.2f\t\n", h.Writes, h.With, h.Without, h.With/h.Without)
}

func (r *report) printAdmissions(w io.Writer) {
	fmt.Fprintln(w, "CREATE at once, ms\tp50\twithout webhook\tadded\tp99\twithout webhook\tadded\t")
	for _, a := range r.Admissions {
		fmt.Fprintf(w, "%d\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t\n", a.AtOnce, a.With.P50, a.Without.P50, a.With.P50-a.Without.P50,
			a.With.P99, a.Without.P99, a.With.P99-a.Without.P99)
	}
}

func (r *report) printMassLoss(w io.Writer) {
	m := r.MassLoss
	fmt.Fprintln(w, "all sessions lost\tguard after s\tall told after s\tCPU s\tstatus writes\tspec writes\ttainted\t")
	fmt.Fprintf(w, "%d\t%.2f\t%.2f\t%.2f\t%d\t%d\t%s\t\n", m.Nodes, m.Guard, m.Told, m.CPUSeconds, m.Requests.NodeStatus, m.Requests.NodeSpec,
		mark(fmt.Sprint(m.Tainted), m.Tainted == 0))
}

func (r *report) printMemory(w io.Writer) {
	m := r.Memory
	fmt.Fprintln(w, "a new leader of\timages each\tMiB\tpeak at its start\t")
	fmt.Fprintf(w, "%d\t%d\t%s\t%s\t\n", m.Nodes, m.Images, mark(fmt.Sprintf("%.0f", m.ResidentMiB), m.ResidentMiB <= maxResidentMiB),
		mark(fmt.Sprintf("%.0f", m.PeakMiB), m.PeakMiB <= maxResidentMiB))
}

// check is an error if counts are not what they must be on every machine.
func (r *report) check() error {
	var errs []error
	want := func(what string, got, want int) {
		if got != want {
			errs = append(errs, fmt.Errorf("%s: %d, not %d", what, got, want))
		}
	}
	for _, s := range r.Storms {
		for name, p := range map[string]phase{"join": s.Join, "release": s.Release} {
			at := fmt.Sprintf("%s of %d nodes: ", name, s.Nodes)
			want(at+"writes of specs", p.Requests.NodeSpec, s.Nodes)
			want(at+"writes of statuses", p.Requests.NodeStatus, s.Nodes)
			// A watch that falls far behind, on a machine that is busy, begins anew with a list.
			if p.Requests.NodeReads > s.Nodes/100 {
				want(at+"reads of nodes", p.Requests.NodeReads, 0)
			}
			want(at+"refused writes", p.Requests.Refused, 0)
		}
	}
	want("writes in a steady cluster", r.Steady.Writes, 0)
	want("webhook calls in a steady cluster", r.Steady.Webhooks, 0)
	want("nodes tainted by the loss of all sessions", r.MassLoss.Tainted, 0)
	want("writes of specs at the loss of all sessions", r.MassLoss.Requests.NodeSpec, 0)
	return errors.Join(errs...)
}
