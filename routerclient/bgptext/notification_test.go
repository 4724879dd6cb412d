package bgptext_test

import (
	"strings"
	"testing"

	"github.com/peergate/peergate/routerclient/bgptext"
)

func TestNotification(t *testing.T) {
	t.Parallel()
	marker := strings.Repeat("ff", 16)
	for message, want := range map[string]string{
		marker + "0015030202":                  "Bad Peer AS (2/2)",
		marker + "0015030603":                  "Peer De-configured (6/3)",
		strings.ToUpper(marker) + "0015030400": "Hold Timer Expired (4/0)",
		marker + "001803060201ff61":            "Administrative Shutdown (6/2)",
		marker + "00150306ff":                  "Cease (6/255)",
		marker + "0015030900":                  "unknown error (9/0)",
		marker + "00130400":                    "",
		marker + "001304":                      "",
		marker + "00150302":                    "",
		"00" + marker[2:] + "0015030202":       "",
		"not hexadecimal":                      "",
		"":                                     "",
		strings.Repeat("ff", 5000):             "",
	} {
		got, ok := bgptext.Notification(message)
		if got != want || ok != (want != "") {
			t.Errorf("Notification(%.60q) = %q, %t, want %q", message, got, ok, want)
		}
	}
}
