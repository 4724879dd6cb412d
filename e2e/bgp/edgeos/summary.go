package edgeos

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/peergate/peergate/e2e/bgp"
)

const summaryHead = `BGP router identifier %s, local AS number %d
BGP table version is 1
0 BGP AS-PATH entries
0 BGP community entries
32  Configured ibgp ECMP multipath: Currently set at 32

Neighbor                 V   AS   MsgRcv    MsgSen TblVer   InQ   OutQ    Up/Down   State/PfxRcd
`

// summaryRow has no space before the version: after a long IPv6 address EdgeOS prints none either.
const summaryRow = "%-25s4 %5d%5d%11d%8d%7d%7d%10s%16s\n"

// showSummary answers "show ip bgp summary". Without neighbors the table has no rows.
func (c CLI) showSummary(ctx context.Context, w io.Writer) error {
	neighbors, err := c.Router.Neighbors(ctx)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, summaryHead, c.Router.Addr(), c.Router.ASN())
	established := 0
	for _, n := range neighbors {
		uptime, last := "never", n.State
		if n.State == bgp.Established {
			established++
			uptime, last = formatUptime(c.Clock.Since(n.EstablishedAt)), strconv.FormatUint(n.PrefixesReceived, 10)
		}
		fmt.Fprintf(&b, summaryRow, n.Addr, n.ASN, n.MessagesReceived, n.MessagesSent, 1, 0, 0, uptime, last)
	}
	fmt.Fprintf(&b, "\nTotal number of neighbors %d\n\nTotal number of Established sessions %d\n", len(neighbors), established)
	_, err = io.WriteString(w, b.String())
	return err
}

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// formatUptime prints a duration in eight characters, with less detail the longer it is.
func formatUptime(d time.Duration) string {
	hours, minutes, seconds := d%day/time.Hour, d%time.Hour/time.Minute, d%time.Minute/time.Second
	switch {
	case d < day:
		return fmt.Sprintf("%02d:%02d:%02d", hours, minutes, seconds)
	case d < week:
		return fmt.Sprintf("%dd%02dh%02dm", d/day, hours, minutes)
	default:
		return fmt.Sprintf("%02dw%dd%02dh", d/week, d%week/day, hours)
	}
}
