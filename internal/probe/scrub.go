package probe

import (
	"bytes"
	"context"
	"regexp"

	"github.com/peergate/peergate/routerclient"
)

// removed stands where a secret was.
const removed = "REMOVED"

// shortestSecret is the length below which a credential is not looked for in what a router prints: to blot out every
// "a" would leave nothing to read.
const shortestSecret = 4

// namedSecrets are values that no report needs, by their names: members of JSON objects, such as GoBGP's TCP MD5
// password, and properties as RouterOS prints them. An answer that is cut off may end within one.
var namedSecrets = regexp.MustCompile(`(?is)("[a-z0-9_.-]*(?:passw(?:or)?d|secret|community|token|md5-key)"\s*:\s*|[a-z0-9_.-]*(?:password|md5-key)=)` +
	`"(?:[^"\\]|\\.)*("|\\?\z)`)

// Scrubber is a Runner that takes secrets out of what a router prints, so that a recording can be given to others.
type Scrubber struct {
	routerclient.Runner
	// Secrets are the credentials the router is asked with.
	Secrets [][]byte
}

// Run runs the command and takes the secrets out of its output.
func (s *Scrubber) Run(ctx context.Context, command string) (routerclient.Output, error) {
	out, err := s.Runner.Run(ctx, command)
	out.Stdout, out.Stderr = s.scrub(out.Stdout), s.scrub(out.Stderr)
	return out, err
}

func (s *Scrubber) scrub(text []byte) []byte {
	for _, secret := range s.Secrets {
		if len(secret) >= shortestSecret {
			text = bytes.ReplaceAll(text, secret, []byte(removed))
		}
	}
	return namedSecrets.ReplaceAll(text, []byte(`${1}"`+removed+`${2}`))
}
