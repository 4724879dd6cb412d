package routertest

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/peergate/peergate/routerclient"
)

// Handler runs one command and returns its exit status, or -1 to send none. Its context ends when the client closes the
// session or the server is closed; writing fails from then on.
type Handler func(ctx context.Context, command string, stdout, stderr io.Writer) int

// commandNotFound is the exit status of sh.
const commandNotFound = 127

// Recorded answers the commands it has a recording of, and others as a shell answers an unknown command.
func Recorded(recordings map[string]routerclient.Output) Handler {
	return func(_ context.Context, command string, stdout, stderr io.Writer) int {
		output, ok := recordings[command]
		if !ok {
			_, _ = fmt.Fprintf(stderr, "sh: %s: command not found\n", command)
			return commandNotFound
		}
		_, _ = stderr.Write(output.Stderr)
		_, _ = stdout.Write(output.Stdout)
		return output.ExitStatus
	}
}

// ReadRecordings returns recordings for Recorded of commands that printed the named files and succeeded.
func ReadRecordings(fsys fs.FS, files map[string]string) (map[string]routerclient.Output, error) {
	recordings := make(map[string]routerclient.Output, len(files))
	for command, name := range files {
		stdout, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("reading recording of %q: %w", command, err)
		}
		recordings[command] = routerclient.Output{Stdout: stdout}
	}
	return recordings, nil
}

// Stall prints the text and never ends.
func Stall(text string) Handler {
	return func(ctx context.Context, _ string, stdout, _ io.Writer) int {
		_, _ = io.WriteString(stdout, text)
		<-ctx.Done()
		return -1
	}
}

// Trickle prints one byte every interval and never ends.
func Trickle(interval time.Duration) Handler {
	return func(ctx context.Context, _ string, stdout, _ io.Writer) int {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return -1
			case <-tick.C:
				_, _ = io.WriteString(stdout, ".")
			}
		}
	}
}

// Flood prints size bytes that mean nothing, or bytes without end if size is negative.
func Flood(size int64) Handler {
	return func(_ context.Context, _ string, stdout, _ io.Writer) int {
		if size < 0 {
			_, _ = io.Copy(stdout, garbage{})
		} else {
			_, _ = io.CopyN(stdout, garbage{}, size)
		}
		return 0
	}
}

// garbage reads as all byte values in turn, without end.
type garbage struct{}

func (garbage) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i)
	}
	return len(p), nil
}
