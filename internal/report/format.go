package report

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"
	"sigs.k8s.io/yaml"

	"github.com/peergate/peergate/internal/terminal"
)

// The formats of -o. FormatText is the one without -o.
const (
	FormatText = ""
	FormatWide = "wide"
	FormatJSON = "json"
	FormatYAML = "yaml"
	FormatName = "name"
)

// View is how a report is to be shown.
type View struct {
	Format string
	Style  terminal.Style
	// Now is what ages are counted to.
	Now time.Time
}

// Encode writes a report as JSON or YAML. ok is false for every other format.
func Encode(w io.Writer, report any, format string) (ok bool, err error) {
	switch format {
	case FormatJSON:
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return true, encoder.Encode(report)
	case FormatYAML:
		out, err := yaml.Marshal(report)
		if err == nil {
			_, err = w.Write(out)
		}
		return true, err
	}
	return false, nil
}

func (v View) wide() bool { return v.Format == FormatWide }

// age is how long ago a time is, as kubectl writes it.
func (v View) age(t *metav1.Time) string {
	if t == nil || t.IsZero() {
		return "-"
	}
	return duration.HumanDuration(max(0, v.Now.Sub(t.Time)))
}

func orDash(words ...string) string {
	if joined := strings.Join(words, ","); joined != "" {
		return joined
	}
	return "-"
}

// clock is a time of day for a person, with the date only if it is another.
func (v View) clock(t time.Time) string {
	t = t.In(v.Now.Location())
	if t.Format(time.DateOnly) == v.Now.Format(time.DateOnly) {
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.DateTime)
}
