package probe

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/cli-runtime/pkg/printers"
	"sigs.k8s.io/yaml"

	"github.com/peergate/peergate/routerclient"
)

// Formats are the forms a report is printed in.
var Formats = []string{"", "wide", "json", "yaml"}

// Print prints a report in one of the Formats.
func Print(w io.Writer, report Report, format string) error {
	switch format {
	case "json":
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(report)
	case "yaml":
		out, err := yaml.Marshal(report)
		if err != nil {
			return err
		}
		_, err = w.Write(out)
		return err
	}
	if report.Error != nil {
		_, err := fmt.Fprintf(w, "%s gives no answer (%s): %s\n", report.Address, report.Error.Reason, report.Error.Message)
		return err
	}
	if err := printTable(w, report, format == "wide"); err != nil {
		return err
	}
	for _, r := range report.ListenRanges {
		if _, err := fmt.Fprintf(w, "Listens for neighbors from %s (VRF %s, peer group %s)\n", r.Prefix, r.VRF, orDash(r.PeerGroup)); err != nil {
			return err
		}
	}
	for _, line := range report.Diagnosis {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

var columns = []metav1.TableColumnDefinition{
	{Name: "Peer", Type: "string"},
	{Name: "VRF", Type: "string"},
	{Name: "ASN", Type: "string"},
	{Name: "State", Type: "string"},
	{Name: "Up", Type: "string"},
	{Name: "Received", Type: "string"},
	{Name: "Detail", Type: "string"},
	{Name: "Router-ID", Type: "string", Priority: 1},
	{Name: "Group", Type: "string", Priority: 1},
	{Name: "Dynamic", Type: "string", Priority: 1},
}

func printTable(w io.Writer, report Report, wide bool) error {
	if _, err := fmt.Fprintf(w, "%s, %s, router ID %s, AS %s: %d sessions\n",
		report.Address, report.Platform, orDash(report.RouterID), number(report.LocalASN), len(report.Sessions)); err != nil {
		return err
	}
	table := &metav1.Table{ColumnDefinitions: columns}
	for _, s := range report.Sessions {
		table.Rows = append(table.Rows, metav1.TableRow{Cells: []any{
			neighbor(s), s.VRF, number(s.RemoteASN), state(s), uptime(s), received(s), s.Detail,
			orDash(s.PeerRouterID), orDash(s.PeerGroup), s.Dynamic,
		}, Object: runtime.RawExtension{}})
	}
	return printers.NewTablePrinter(printers.PrintOptions{Wide: wide}).PrintObj(table, w)
}

func neighbor(s Session) string {
	if s.Peer != "" && s.Interface != "" {
		return s.Peer + "%" + s.Interface
	}
	return orDash(s.Peer + s.Interface)
}

func state(s Session) string {
	switch {
	case s.AdminDown:
		return string(s.State) + " (admin)"
	case s.PolicyBlocked:
		return string(s.State) + " (policy)"
	}
	return string(s.State)
}

func uptime(s Session) string {
	if s.State != routerclient.Established || s.UptimeSeconds == 0 {
		return "-"
	}
	return duration.HumanDuration(time.Duration(s.UptimeSeconds) * time.Second)
}

func received(s Session) string {
	var words []string
	for _, family := range slices.Sorted(maps.Keys(s.Received)) {
		words = append(words, fmt.Sprintf("%s:%d", family, s.Received[family]))
	}
	return orDash(strings.Join(words, ","))
}

func number(asn uint32) string {
	if asn == 0 {
		return "-"
	}
	return strconv.FormatUint(uint64(asn), 10)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
