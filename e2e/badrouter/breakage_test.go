package badrouter_test

import (
	"context"
	"encoding/json"
	"io"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/routerclient/routertest"
)

// breakage is something that keeps a router from being read, and how a person mends it.
type breakage struct{ strike, mend func(*scene) }

// secretWith changes keys of the Secret; the value "" stands for none.
func secretWith(keys map[string]string) breakage {
	return breakage{
		strike: func(s *scene) {
			secret := s.secret()
			for key, value := range keys {
				secret.Data[key] = []byte(value)
				if value == "" {
					delete(secret.Data, key)
				}
			}
			s.updateSecret(secret)
		},
		mend: func(s *scene) {
			secret := s.secret()
			secret.Data = s.credentials
			s.updateSecret(secret)
		},
	}
}

func (s *scene) updateSecret(secret *corev1.Secret) {
	s.Helper()
	s.keepSecret(secret.Data)
	if err := s.Client.Update(s.Context(), secret); err != nil {
		s.Fatal(err)
	}
}

func deletedSecret() breakage {
	return breakage{
		strike: func(s *scene) {
			if err := s.Client.Delete(s.Context(), s.secret()); err != nil {
				s.Fatal(err)
			}
		},
		mend: func(s *scene) {
			s.Create(&corev1.Secret{
				ObjectMeta: metav1.ObjectMeta{Namespace: install.Namespace, Name: s.ID}, Data: s.credentials,
			})
		},
	}
}

// restartedWith changes the router behind its address.
func restartedWith(change func(*routertest.Options)) breakage {
	return breakage{
		strike: func(s *scene) { s.router.Restart(s, change) },
		mend:   func(s *scene) { s.router.Restart(s) },
	}
}

// switchedOff takes the router away between two polls: in the middle of one, the first thing to say would be that the
// answer does not come.
func switchedOff() breakage {
	return breakage{
		strike: func(s *scene) {
			s.awaitPolls(1)
			s.router.Close()
		},
		mend: func(s *scene) { s.router.Restart(s) },
	}
}

// answering has every command answered with what handler makes of the whole answer.
func answering(handler func(whole []byte) routertest.Handler) breakage {
	return breakage{
		strike: func(s *scene) { s.router.Answer(handler(s.router.Summary())) },
		mend:   func(s *scene) { s.router.Answer(nil) },
	}
}

// saying answers with fixed words and an exit status.
func saying(stdout, stderr string, status int) breakage {
	return answering(func([]byte) routertest.Handler { return say(stdout, stderr, status) })
}

func say(stdout, stderr string, status int) routertest.Handler {
	return func(_ context.Context, _ string, out, err io.Writer) int {
		_, _ = io.WriteString(out, stdout)
		_, _ = io.WriteString(err, stderr)
		return status
	}
}

// truncated ends in the middle of a neighbor.
func truncated(whole []byte) routertest.Handler { return say(string(whole[:len(whole)/2]), "", 0) }

// withoutEnd prints half and never ends.
func withoutEnd(whole []byte) routertest.Handler {
	return routertest.Stall(string(whole[:len(whole)/2]))
}

// halfATable is well-formed, but leaves out the open node, of which only the router's own count tells.
func halfATable(whole []byte) routertest.Handler {
	var answer map[string]map[string]map[string]any
	if err := json.Unmarshal(whole, &answer); err != nil {
		panic(err) // it is the test's own
	}
	peers := answer["default"]["ipv4Unicast"]["peers"].(map[string]any)
	delete(peers, openAddress)
	half, err := json.Marshal(answer)
	if err != nil {
		panic(err) // it was JSON before
	}
	return say(string(half), "", 0)
}
