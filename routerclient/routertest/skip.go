package routertest

import "os"

// Skipper is the part of testing.TB that SkipOutsideCI needs.
type Skipper interface {
	Helper()
	Fatal(args ...any)
	Skip(args ...any)
}

// SkipOutsideCI skips a test for which something is missing. Where the environment variable CI is set it fails the test
// instead: there, everything is to be proven.
func SkipOutsideCI(tb Skipper, why string) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatal(why)
	}
	tb.Skip(why)
}
