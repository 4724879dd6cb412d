package build

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// progressInterval is the time between two lines of progress.
const progressInterval = 5 * time.Second

// buildFlags are the same for listing and for building, so that both look for the same entries of the build cache.
var buildFlags = []string{"-trimpath"}

// compile is one run of the Go compiler.
type compile struct {
	module   string // directory of the module it runs in
	name     string
	packages []string
	ldflags  string
	progress io.Writer
}

// ifAbsent builds target unless it exists: a file for one package, a directory for several. Target appears at once and
// whole, so that a build that was interrupted is not taken for a finished one.
func (c compile) ifAbsent(ctx context.Context, target string) error {
	if _, err := os.Stat(target); err == nil {
		return nil
	}
	scratch, err := os.MkdirTemp(filepath.Dir(target), ".building-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	unfinished := filepath.Join(scratch, filepath.Base(target))
	output := unfinished
	if len(c.packages) > 1 {
		output += string(filepath.Separator)
	}
	if err := c.run(ctx, output); err != nil {
		return err
	}
	return os.Rename(unfinished, target)
}

// run builds into output, as in go build -o.
func (c compile) run(ctx context.Context, output string) error {
	total, err := c.countUncached(ctx)
	if err != nil {
		return err
	}
	cmd := goCommand(ctx, c.module, "build", append(buildFlags, "-v", "-ldflags", c.ldflags, "-o", output), c.packages)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("building %s: %w", c.name, err)
	}
	complaints := c.follow(stderr, total)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", c.name, err, complaints)
	}
	return nil
}

// countUncached counts the packages that the compiler has yet to compile.
func (c compile) countUncached(ctx context.Context) (int, error) {
	const inCache = "not installed but available in build cache"
	format := `{{if and .Stale (ne .StaleReason "` + inCache + `")}}{{.ImportPath}}{{end}}`
	cmd := goCommand(ctx, c.module, "list", append(buildFlags, "-deps", "-f", format), c.packages)
	output, err := outputOf(cmd)
	if err != nil {
		return 0, fmt.Errorf("listing the packages of %s: %w", c.name, err)
	}
	return len(strings.Fields(output)), nil
}

// follow reads what go build -v prints, one line for each package that is compiled, until its end, and returns
// the lines that are not names of packages.
func (c compile) follow(stderr io.Reader, total int) (complaints string) {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(stderr)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
	}()
	started := time.Now()
	ticker := time.NewTicker(progressInterval)
	defer ticker.Stop()
	var rest strings.Builder
	for compiled := 0; ; {
		select {
		case line, open := <-lines:
			if !open {
				return rest.String()
			}
			if isImportPath(line) {
				compiled++
			} else {
				fmt.Fprintln(&rest, line)
			}
		case now := <-ticker.C:
			fmt.Fprintln(c.progress, c.progressLine(compiled, total, now.Sub(started)))
		}
	}
}

func (c compile) progressLine(compiled, total int, elapsed time.Duration) string {
	elapsed = elapsed.Round(time.Second)
	if compiled >= total {
		return fmt.Sprintf("building %s: linking, %s", c.name, elapsed)
	}
	return fmt.Sprintf("building %s: %d of %d packages, %s", c.name, compiled, total, elapsed)
}

// isImportPath tells the lines of go build -v from the compiler's complaints, all of which contain a space.
func isImportPath(line string) bool {
	return line != "" && !strings.ContainsAny(line, " \t")
}

// goList prints one module as format says.
func goList(ctx context.Context, dir, format, module string) (string, error) {
	output, err := outputOf(goCommand(ctx, dir, "list", []string{"-m", "-f", format}, []string{module}))
	if err != nil {
		return "", fmt.Errorf("reading the version of %s: %w", module, err)
	}
	return strings.TrimSpace(output), nil
}

func goCommand(ctx context.Context, dir, verb string, flags, operands []string) *exec.Cmd {
	args := append([]string{verb}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, operands...)...)
	cmd.Dir = dir
	// Static programs: they run wherever they are copied to.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	return cmd
}

// outputOf returns standard output; its error has standard error.
func outputOf(cmd *exec.Cmd) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return stdout.String(), nil
}
