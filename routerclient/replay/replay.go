// Package replay runs commands on recordings of a router in place of the router, and makes such recordings.
//
// A recording is a folder. Each command in it has a number, in the order in which the commands were run, and the files
// NN.command, NN.stdout, NN.stderr and NN.exit; the last two are absent where there is nothing on stderr and the exit
// status is 0.
package replay

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient"
)

// Runner is a [routerclient.Runner] that answers from memory.
type Runner struct {
	// Answers are the outputs by command.
	Answers map[string]routerclient.Output
	asked   []string
}

// Load reads the recording in folder dir.
func Load(dir string) (*Runner, error) {
	commands, err := filepath.Glob(filepath.Join(dir, "*.command"))
	if err != nil {
		return nil, fmt.Errorf("listing recording %s: %w", dir, err)
	}
	if len(commands) == 0 {
		return nil, fmt.Errorf("listing recording %s: no commands", dir)
	}
	answers := map[string]routerclient.Output{}
	for _, file := range commands {
		command, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a recorded command: %w", err)
		}
		out, err := loadOutput(strings.TrimSuffix(file, ".command"))
		if err != nil {
			return nil, err
		}
		answers[strings.TrimSuffix(string(command), "\n")] = out
	}
	return &Runner{Answers: answers}, nil
}

func loadOutput(stem string) (routerclient.Output, error) {
	stdout, err := os.ReadFile(stem + ".stdout")
	if err != nil {
		return routerclient.Output{}, fmt.Errorf("reading a recorded answer: %w", err)
	}
	out := routerclient.Output{Stdout: stdout}
	if out.Stderr, err = os.ReadFile(stem + ".stderr"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return routerclient.Output{}, fmt.Errorf("reading a recorded answer: %w", err)
	}
	status, err := os.ReadFile(stem + ".exit")
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return routerclient.Output{}, fmt.Errorf("reading a recorded exit status: %w", err)
	}
	if out.ExitStatus, err = strconv.Atoi(strings.TrimSpace(string(status))); err != nil {
		return routerclient.Output{}, fmt.Errorf("reading a recorded exit status: %w", err)
	}
	return out, nil
}

// Run returns the recorded answer. A command that is not in the recording is an error with
// ReasonAnswerNotUnderstood.
func (r *Runner) Run(ctx context.Context, command string) (routerclient.Output, error) {
	if err := ctx.Err(); err != nil {
		return routerclient.Output{}, fmt.Errorf("running %s: %w", command, err)
	}
	r.asked = append(r.asked, command)
	out, found := r.Answers[command]
	if !found {
		return routerclient.Output{}, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "running %s: not in the recording", command)
	}
	return out, nil
}

// Asked returns the commands run so far, in order.
func (r *Runner) Asked() []string { return r.asked }

// Close does nothing.
func (*Runner) Close() error { return nil }

// Recorder is a [routerclient.Runner] that writes what the router answers into a folder.
type Recorder struct {
	routerclient.Runner
	// Dir is the folder. It must exist; recordings of the same number in it are overwritten.
	Dir string
	n   int
}

// Run runs the command on the router and records the answer, if there is one.
func (r *Recorder) Run(ctx context.Context, command string) (routerclient.Output, error) {
	out, err := r.Runner.Run(ctx, command)
	if err != nil {
		return out, err
	}
	r.n++
	return out, save(filepath.Join(r.Dir, fmt.Sprintf("%02d", r.n)), command, out)
}

func save(stem, command string, out routerclient.Output) error {
	files := map[string][]byte{".command": []byte(command + "\n"), ".stdout": out.Stdout}
	if len(out.Stderr) > 0 {
		files[".stderr"] = out.Stderr
	}
	if out.ExitStatus != 0 {
		files[".exit"] = fmt.Appendln(nil, out.ExitStatus)
	}
	for suffix, content := range files {
		if err := os.WriteFile(stem+suffix, content, 0o644); err != nil {
			return fmt.Errorf("recording %s: %w", command, err)
		}
	}
	return nil
}
