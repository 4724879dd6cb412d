// Command demo tells, on real parts, the story that Peergate exists for: a node joins, nobody has told the router, and
// no pod is scheduled there until somebody does. It needs Go and nothing else, neither root nor a network.
//
// It exits with status 0 only if everything came true in time, so that it is a test as well.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/term"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/log"
)

// interrupted is the exit status of a program that Ctrl-C ended, as shells have it.
const interrupted = 130

func main() {
	logDir := flag.String("log-dir", "", "`directory` in which to leave the log of each component")
	picture := flag.String("svg", "", "`file` in which to draw what was shown, as a picture that scrolls")
	flag.Parse()
	silenceLibraries()
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// The second Ctrl-C ends the program at once, and the kernel ends what it started.
	context.AfterFunc(ctx, restore)
	s := newScreen(os.Stdout, term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "", time.Now())
	err := tell(ctx, s, *logDir)
	switch {
	case ctx.Err() != nil:
		s.say("Interrupted. Nothing is left running.")
		os.Exit(interrupted)
	case err != nil:
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
	s.say("That was the story, in %s. Nothing is left running.", s.elapsed())
	if *picture == "" {
		return
	}
	if err := draw(*picture, s); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func draw(file string, s *screen) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	const title = "The demo in a terminal: a node is held because its router lacks a line; the line is typed, and the node opens"
	return errors.Join(s.film.Write(out, title), out.Close())
}

// silenceLibraries keeps what client-go logs of watches that end with the API server out of the story.
func silenceLibraries() {
	klog.SetLogger(logr.Discard())
	log.SetLogger(logr.Discard())
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
}

// tell builds what is missing, runs the story, and takes the stage down again however it ended.
func tell(ctx context.Context, s *screen, logDir string) (err error) {
	st := &stage{screen: s, logDir: logDir}
	defer func() { err = errors.Join(err, st.takeDown()) }()
	if err := st.prepare(ctx); err != nil {
		return err
	}
	for i, step := range story {
		s.title(fmt.Sprintf("%d. %s", i+1, step.title))
		if err := step.play(ctx, st); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step.title, err)
		}
	}
	return nil
}
