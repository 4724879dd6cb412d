package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/peergate/peergate/internal/doctor"
)

// typed is what a document, or a report, has a person type. It ends where a shell or a sentence goes on.
var typed = regexp.MustCompile("kubectl[ -]peergate((?: [A-Za-z0-9./~_:-]+)+)")

// TestWhatIsWrittenCanBeTyped: every command in the documents, and in what the command itself prints, is there with each of
// its flags.
func TestWhatIsWrittenCanBeTyped(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	found := 0
	for _, pattern := range []string{"../../README.md", "../../docs/*.md", "../../internal/*/testdata/*.txt", "testdata/*.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range typed.FindAllStringSubmatch(string(text), -1) {
				found++
				if err := canBeTyped(strings.Fields(match[1])); err != nil {
					t.Errorf("%s: %s: %v", file, match[0], err)
				}
			}
		}
	}
	if found < 40 {
		t.Errorf("only %d commands were found", found)
	}
}

// canBeTyped is nil for the beginning of a command that is there.
func canBeTyped(args []string) error {
	cmd, rest, err := newCommand().Find(args)
	if err != nil {
		return err
	}
	switch err := cmd.ParseFlags(rest); {
	case errors.Is(err, pflag.ErrHelp):
		return nil
	case err != nil && !strings.Contains(err.Error(), "flag needs an argument"): // it may be in quotes
		return err
	}
	return nil
}

// TestEveryCheckIsDocumented of the doctor's.
func TestEveryCheckIsDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "kubectl.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range doctor.Names() {
		if !strings.Contains(string(text), "`"+check+"`") {
			t.Errorf("docs/kubectl.md says nothing of check %s", check)
		}
	}
}
