package failures_test

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/e2e/story"
)

// expectMessage waits until the condition of a node says the words.
func (s *scene) expectMessage(node, words string) {
	s.Helper()
	s.EventuallyNode(node, "says "+words, func(n *corev1.Node) error {
		if c := story.Condition(n); c == nil || !strings.Contains(c.Message, words) {
			return fmt.Errorf("its condition is %s", story.ConditionOf(n))
		}
		return nil
	})
}

// awaitPolls waits until the router has been asked so many times more.
func (s *scene) awaitPolls(more int) {
	s.Helper()
	awaitPolls(s.Story, s.router, more)
}

func awaitPolls(s *story.Story, router *story.Router, more int) {
	s.Helper()
	before := len(router.Commands())
	s.Eventually("the router is asked again", func(context.Context) error {
		if n := len(router.Commands()) - before; n < more {
			return fmt.Errorf("asked %d times, want %d", n, more)
		}
		return nil
	})
}
