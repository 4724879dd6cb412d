package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// interrupting is a person at a terminal who presses ^C when a question is printed, and never answers it.
type interrupting struct {
	strings.Builder
	question string
	press    context.CancelFunc
}

func (i *interrupting) Write(b []byte) (int, error) {
	if strings.Contains(string(b), i.question) {
		i.press()
	}
	return i.Builder.Write(b)
}

// TestInterruptedQuestion: ^C ends the command, and nothing is typed into a router.
func TestInterruptedQuestion(t *testing.T) {
	t.Parallel()
	e := newEdge(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	terminal := &interrupting{question: "Type it?", press: cancel}
	silent, keyboard := io.Pipe()
	defer func() { _ = keyboard.Close() }()
	_, err := e.fixingUntil(ctx, t, "", func(f *fixer) {
		f.apply, f.out, f.answers = true, terminal, silent
	}, interceptor.Funcs{}, e.objects(inRecording)...)
	if !errors.Is(err, errInterrupted) || exitCode(err) != 1 || e.knows.Load() {
		t.Errorf("the error is %v; the router has the neighbor: %t", err, e.knows.Load())
	}
	if !strings.HasSuffix(terminal.String(), "Nothing was typed into edge.\n") {
		t.Errorf("it says %q", terminal.String())
	}
}

func TestAsked(t *testing.T) {
	if got, err := asked(t.Context(), func() (string, error) { return "yes", io.EOF }); got != "yes" || !errors.Is(err, io.EOF) {
		t.Errorf("an answer is %q, %v", got, err)
	}
}
