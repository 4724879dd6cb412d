package doctor

import (
	"fmt"
	"io"
	"strings"

	"github.com/peergate/peergate/internal/report"
	"github.com/peergate/peergate/internal/terminal"
)

// Print writes the report in one of the formats of package report.
func (r Report) Print(w io.Writer, v report.View) error {
	if ok, err := report.Encode(w, r, v.Format); ok {
		return err
	}
	var b strings.Builder
	if v.Format == report.FormatName {
		r.writeNames(&b)
	} else {
		r.writeText(&b, v)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeNames names the checks that have found a problem or a warning, each once.
func (r Report) writeNames(b *strings.Builder) {
	named := map[string]bool{}
	for _, f := range r.Findings {
		if (f.Level == Problem || f.Level == Warning) && !named[f.Check] {
			fmt.Fprintln(b, f.Check)
			named[f.Check] = true
		}
	}
}

// colours of the levels.
var colours = map[Level]func(terminal.Style, string) string{
	OK: terminal.Style.Good, Note: terminal.Style.Faint, Unchecked: terminal.Style.Warning, Warning: terminal.Style.Warning, Problem: terminal.Style.Bad,
}

// levelWidth is that of the longest level.
const levelWidth = len("unchecked")

func (r Report) writeText(b *strings.Builder, v report.View) {
	fine := 0
	for _, f := range r.Findings {
		if f.Level == OK {
			fine++
			if v.Format != report.FormatWide && !r.onlyOK() {
				continue
			}
		}
		padding, indent := strings.Repeat(" ", levelWidth-len(f.Level)), strings.Repeat(" ", levelWidth+2)
		message := strings.ReplaceAll(f.Message, "\n", "\n"+indent)
		fmt.Fprintf(b, "%s%s  %s: %s\n", colours[f.Level](v.Style, string(f.Level)), padding, v.Style.Bold(f.Check), message)
		if f.Fix != "" {
			fmt.Fprintln(b, indent+strings.ReplaceAll(f.Fix, "\n", "\n"+indent))
		}
		for _, command := range f.Commands {
			fmt.Fprintln(b, indent+"  "+v.Style.Faint(command))
		}
	}
	if fine > 0 && !r.onlyOK() && v.Format != report.FormatWide {
		fmt.Fprintf(b, "%s%s  %d other checks found nothing; -o wide lists them\n", v.Style.Good(string(OK)), strings.Repeat(" ", levelWidth-len(OK)), fine)
	}
}

// onlyOK is true if there is nothing else to show.
func (r Report) onlyOK() bool {
	for _, f := range r.Findings {
		if f.Level != OK {
			return false
		}
	}
	return true
}
