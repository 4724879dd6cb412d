package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/peergate/peergate/api/v1alpha1"
)

const forgottenLine = "set protocols bgp 64512 neighbor 127.0.3.33 remote-as 64512"

func showReason(ctx context.Context, st *stage) error {
	st.screen.say("The node itself says it, in its condition BGPPeered and in an Event:")
	condition := message(string(v1alpha1.NodeConditionBGPPeered))
	if err := st.kubectl.show(ctx, st.screen, "get", "node", forgottenNode, "-o", condition); err != nil {
		return err
	}
	return st.showEvents(ctx, "NeighborNotConfigured")
}

// showEvents waits for an Event of the held node with that reason, and shows all of that node's.
func (st *stage) showEvents(ctx context.Context, reason string) error {
	if err := await(ctx, "an Event "+reason, func(ctx context.Context) error { return st.eventRecorded(ctx, reason) }); err != nil {
		return err
	}
	return st.kubectl.show(ctx, st.screen, "get", "events", "--field-selector",
		"involvedObject.name="+forgottenNode+",reportingComponent=peergate", "-o", table("events"))
}

func typeLines(ctx context.Context, st *stage) error {
	node, err := st.node(ctx, forgottenNode)
	if err != nil {
		return err
	}
	lines, err := linesToType(peered(node).Message)
	if err != nil {
		return err
	}
	prompt := operationalPrompt
	for _, line := range lines {
		st.screen.typed(prompt, line)
		prompt = configurationPrompt
	}
	answer, err := st.edge.configure(ctx, lines)
	if err != nil {
		return err
	}
	typed := time.Now()
	st.screen.printed(answer)
	if err := st.watchItOpen(ctx, typed); err != nil {
		return err
	}
	if err := st.announce(forgottenNode); err != nil {
		return err
	}
	return st.showEnd(ctx)
}

// linesToType finds the lines in the condition's message, so that what is typed is what a person would read there.
func linesToType(message string) ([]string, error) {
	_, after, found := strings.Cut(message, "Type on "+routerName+":\n")
	if !found {
		return nil, fmt.Errorf("the condition does not say what to type: %s", message)
	}
	var lines []string
	for line := range strings.Lines(after) {
		command, indented := strings.CutPrefix(line, "  ")
		if !indented {
			break
		}
		lines = append(lines, strings.TrimSpace(command))
	}
	if !slices.Contains(lines, forgottenLine) {
		return nil, fmt.Errorf("the condition does not say to type %q: %s", forgottenLine, message)
	}
	return lines, nil
}

// watchItOpen says what follows from the lines, and how long after them.
func (st *stage) watchItOpen(ctx context.Context, typed time.Time) error {
	for _, event := range []struct {
		what  string
		check func(context.Context) error
	}{
		{"the session is Established", func(ctx context.Context) error {
			return st.edge.WaitEstablished(ctx, st.speakers[forgottenNode].Addr())
		}},
		{forgottenNode + " is released", func(ctx context.Context) error { return st.released(ctx, forgottenNode) }},
		{"the waiting pod runs there", st.everyNodeHasAPod},
	} {
		if err := await(ctx, event.what, event.check); err != nil {
			return err
		}
		st.screen.say("%5.1f s after the last line: %s.", time.Since(typed).Seconds(), event.what)
	}
	return nil
}

func (st *stage) showEnd(ctx context.Context) error {
	if err := st.showRoutes(ctx, len(nodes)); err != nil {
		return err
	}
	if err := st.showPods(ctx); err != nil {
		return err
	}
	if err := st.showNodes(ctx); err != nil {
		return err
	}
	return st.showEvents(ctx, "SessionEstablished")
}
