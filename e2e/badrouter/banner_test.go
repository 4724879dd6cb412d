package badrouter_test

import (
	"context"
	"io"
	"testing"

	"github.com/peergate/peergate/routerclient/routertest"
)

// banner is what a shell's startup files may print before the answer, with braces as banners are drawn with.
const banner = `
***************************************************
*  {AUTHORIZED ACCESS ONLY}   edge.example.net    *
***************************************************
Last login: Mon Jun  1 09:12:44 2026 from 192.0.2.9

`

// TestBanner is the one oddity that must do no harm: notices before the login, and before the answer.
func TestBanner(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.router.Restart(s, func(o *routertest.Options) {
		o.Banner = banner
		o.Faults.Preamble = []byte("Property of Example Networks\r\n")
	})
	s.router.Set(heldAddress, "Established")
	s.router.Answer(func(_ context.Context, _ string, stdout, _ io.Writer) int {
		_, _ = io.WriteString(stdout, banner)
		_, _ = stdout.Write(s.router.Summary())
		return 0
	})
	s.EventuallyOpen(s.held)
}
