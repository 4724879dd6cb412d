package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"
)

// outcome is what became of a mutant.
type outcome string

const (
	killed   outcome = "killed"
	survived outcome = "SURVIVED"
	// invalid mutants do not compile: the compiler has noticed them.
	invalid outcome = "does not compile"
)

type result struct {
	mutant
	outcome outcome
}

// passUnchanged runs the tests on the packages as they are: if they fail, they would kill everything.
func passUnchanged(ctx context.Context, o options) error {
	for _, pkg := range o.packages {
		if output, err := goTest(ctx, o, pkg).CombinedOutput(); err != nil {
			return fmt.Errorf("testing %s as it is: %w\n%s", pkg, err, output)
		}
	}
	return nil
}

// testAll tests the mutants, a few at a time, and calls done with each result, one at a time.
func testAll(ctx context.Context, o options, mutants []mutant, done func(result)) error {
	scratch, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		errs  error
		slots = make(chan struct{}, o.parallel)
	)
	for i, m := range mutants {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			outcome, err := test(ctx, o, m, filepath.Join(scratch, fmt.Sprint(i)))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = errors.Join(errs, fmt.Errorf("testing %s: %w", m.key(), err))
				return
			}
			done(result{mutant: m, outcome: outcome})
		})
		if ctx.Err() != nil {
			break
		}
	}
	wg.Wait()
	return errors.Join(errs, ctx.Err())
}

// buildFailed is how the go command ends the line of a package that does not compile.
var buildFailed = regexp.MustCompile(`\[(build|setup) failed\]`)

func test(ctx context.Context, o options, m mutant, scratch string) (outcome, error) {
	overlay, err := writeOverlay(o.dir, m, scratch)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	var output bytes.Buffer
	cmd := goTest(ctx, o, m.pkg, "-overlay", overlay)
	cmd.Stdout, cmd.Stderr = &output, &output
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return survived, nil
	case ctx.Err() == context.DeadlineExceeded:
		return killed, nil
	case !errors.As(err, &exit):
		return "", err
	case buildFailed.Match(output.Bytes()):
		return invalid, nil
	}
	return killed, nil
}

// writeOverlay tells the go command to read a mutant in place of its original.
func writeOverlay(root string, m mutant, scratch string) (string, error) {
	original, err := filepath.Abs(filepath.Join(root, filepath.FromSlash(m.file)))
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: scratch + ".go"}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(scratch+".go", m.source, 0o600); err != nil {
		return "", err
	}
	return scratch + ".json", os.WriteFile(scratch+".json", overlay, 0o600)
}

// goTest is the command that tests a package. The test binary is its child, and is killed with it.
func goTest(ctx context.Context, o options, pkg string, flags ...string) *exec.Cmd {
	args := append([]string{"test", "-failfast", "-count=1", "-vet=off"}, flags...)
	args = append(append(args, "./"+pkg), o.testArgs...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = o.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}
