package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// columns are files for kubectl's output format custom-columns-file, which keep its command lines short.
//
//go:embed columns
var columns embed.FS

// kubectl is the real one, for the demo's cluster.
type kubectl struct {
	program    string
	kubeconfig string
	// dir is where it runs, in which columns/ is.
	dir string
}

func newKubectl(program, kubeconfig, dir string) (*kubectl, error) {
	if err := os.CopyFS(dir, columns); err != nil {
		return nil, fmt.Errorf("writing the columns for kubectl: %w", err)
	}
	return &kubectl{program: program, kubeconfig: kubeconfig, dir: dir}, nil
}

// show runs a command and shows it with its answer.
func (k *kubectl) show(ctx context.Context, s *screen, args ...string) error {
	s.typed("$", "kubectl "+quoted(args))
	cmd := exec.CommandContext(ctx, k.program, append([]string{"--kubeconfig", k.kubeconfig}, args...)...)
	cmd.Dir = k.dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	answer, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("running kubectl: %w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	s.printed(string(answer))
	return nil
}

// quoted joins args as a person types them in a shell. None of them has a single quote.
func quoted(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = arg
		if strings.ContainsAny(arg, ` "$()*;?[]{}`) {
			words[i] = "'" + arg + "'"
		}
	}
	return strings.Join(words, " ")
}

// table is the output format of the table that columns/name describes.
func table(name string) string {
	return "custom-columns-file=" + filepath.Join("columns", name)
}

// message is the output format of the message of a condition.
func message(condition string) string {
	return fmt.Sprintf(`jsonpath={.status.conditions[?(@.type=="%s")].message}`, condition)
}
