package routeros

import (
	"testing"
	"time"
)

func TestParseUptime(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for s, want := range map[string]time.Duration{
		"4s70ms":         4*time.Second + 70*time.Millisecond,
		"1d2h5m16s610ms": day + 2*time.Hour + 5*time.Minute + 16*time.Second + 610*time.Millisecond,
		"5w3d1h12m48s":   38*day + time.Hour + 12*time.Minute + 48*time.Second,
		"02:05:16":       2*time.Hour + 5*time.Minute + 16*time.Second,
		"1d02:05:16":     day + 2*time.Hour + 5*time.Minute + 16*time.Second,
		"5w3d01:12:48":   38*day + time.Hour + 12*time.Minute + 48*time.Second,
		"":               0,
		"soon":           0,
		"3d":             3 * day,
		"3d1:2":          0,
	} {
		if got := parseUptime(s); got != want {
			t.Errorf("parseUptime(%q) = %v, want %v", s, got, want)
		}
	}
}
