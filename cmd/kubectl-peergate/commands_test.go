package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/peergate/peergate/internal/doctor"
	"github.com/peergate/peergate/internal/report"
	"github.com/peergate/peergate/internal/terminal"
)

func TestExitCode(t *testing.T) {
	tests := map[int]error{
		0: nil,
		1: errors.New("connection refused"),
		2: fmt.Errorf("status: %w", errNeedsPerson),
	}
	for want, err := range tests {
		if got := exitCode(err); got != want {
			t.Errorf("after %v it exits with %d, want %d", err, got, want)
		}
	}
	if got := exitCode(errNoAnswer); got != 1 {
		t.Errorf("without an answer it exits with %d, want 1", got)
	}
}

// TestHelp: what a script needs to know is in the help, and kubectl's many flags are not.
func TestHelp(t *testing.T) {
	for _, command := range []string{"status", "routers", "explain", "doctor"} {
		help, err := peergate(t, "", command, "--help")
		if err != nil {
			t.Fatal(err)
		}
		for _, words := range []string{"Exits with 0", "and 2 if", "--context", "Examples:"} {
			if !strings.Contains(help, words) {
				t.Errorf("the help of %s does not say %q", command, words)
			}
		}
		if strings.Contains(help, "--tls-server-name") {
			t.Errorf("the help of %s is full of kubectl's flags", command)
		}
	}
}

// TestRefuses what a person has mistyped, before any cluster is asked.
func TestRefuses(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	tests := map[string]struct {
		args    []string
		problem string
	}{
		"a format":                 {[]string{"status", "-o", "xml"}, `--output: "xml" is not one of wide, json, yaml, name`},
		"a format of another":      {[]string{"explain", "n", "-o", "wide"}, `--output: "wide" is not one of json, yaml`},
		"no node":                  {[]string{"explain"}, "0 arguments where one NODE is wanted: kubectl peergate explain NODE"},
		"two nodes":                {[]string{"exempt", "a", "b", "--undo"}, "2 arguments where one NODE is wanted: kubectl peergate exempt NODE (--reason REASON | --undo)"},
		"a flag":                   {[]string{"status", "--wide"}, "unknown flag: --wide: kubectl peergate status --help lists the flags"},
		"a check":                  {[]string{"doctor", "teeth"}, `invalid argument "teeth"`},
		"a taint":                  {[]string{"uninstall", "--taint", "bgp", "--yes"}, "--taint: parsing taint"},
		"no reason":                {[]string{"exempt", "n", "--reason", " "}, "--reason: must not be empty"},
		"a reason and its undoing": {[]string{"exempt", "n", "--reason", "x", "--undo"}, "[reason undo]"},
		"neither":                  {[]string{"exempt", "n"}, "at least one of the flags in the group [reason undo]"},
		"nobody who can be asked":  {[]string{"uninstall", "--server", "http://127.0.0.1:1"}, "nothing was changed: --yes answers where nobody can be asked"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := peergate(t, "", test.args...); err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("the error is %v, want %q in it", err, test.problem)
			}
		})
	}
}

// TestWithoutAnAPIServer: one error, and no report of what could not be seen.
func TestWithoutAnAPIServer(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	for _, args := range [][]string{{"status"}, {"routers"}, {"explain", "n"}, {"doctor"}, {"exempt", "n", "--undo"}, {"uninstall", "--dry-run"}} {
		out, err := peergate(t, "", append(args, "--server", "http://127.0.0.1:1")...)
		if err == nil || strings.Count(err.Error(), "connection refused") != 1 || exitCode(err) != 1 || out != "" {
			t.Errorf("%s: error %v, output %q", args[0], err, out)
		}
	}
}

// TestVersionOfTheClient asks no cluster.
func TestVersionOfTheClient(t *testing.T) {
	got, err := peergate(t, "", "version", "--client", "-o", "json")
	if want := "{\n  \"client\": \"devel\"\n}\n"; err != nil || got != want {
		t.Errorf("it says %q, %v; want %q", got, err, want)
	}
}

// TestNobodySteersTheTerminal: what is shown may have been written by anybody.
func TestNobodySteersTheTerminal(t *testing.T) {
	found := doctor.Report{Findings: []doctor.Finding{{Check: "speakers", Level: doctor.Problem, Message: "DaemonSet \x1b[2Jof the house"}}}
	for format, want := range map[string]string{"": "\ufffd[2Jof", "wide": "\ufffd[2Jof", "json": `\u001b[2Jof`, "yaml": `\e[2Jof`} {
		var out strings.Builder
		err := printed(&out, found, report.View{Format: format, Style: terminal.Style{Colour: true}})
		if err != nil || !strings.Contains(out.String(), want) || format == "" && !strings.Contains(out.String(), "\x1b[31mproblem") {
			t.Errorf("-o %s: it shows %q, %v; want %q in it", format, out.String(), err, want)
		}
	}
}
