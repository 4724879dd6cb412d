package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/cobra"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/yaml"

	"github.com/peergate/peergate/internal/report"
)

// TestWait: changes that come together are one, and changes that never end do not keep the next page away.
func TestWait(t *testing.T) {
	tests := map[string]struct {
		// changes come every so often; 0 is never.
		every time.Duration
		count int
		want  time.Duration
	}{
		"nothing changes":       {0, 0, refresh},
		"one change":            {time.Millisecond, 1, time.Millisecond + settle},
		"three together":        {time.Millisecond, 3, 3*time.Millisecond + settle},
		"changes without end":   {settle / 2, 1000, refresh},
		"a change now and then": {settle * 2, 1000, settle*2 + settle},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				changed := make(chan struct{}, 1)
				go func() {
					for range test.count {
						select {
						case <-ctx.Done():
							return
						case <-time.After(test.every):
							changed <- struct{}{}
						}
					}
				}()
				begun := time.Now()
				if !wait(ctx, changed) || time.Since(begun) != test.want {
					t.Errorf("it waited for %s, want %s", time.Since(begun), test.want)
				}
				cancel()
				if wait(ctx, nil) {
					t.Error("it waits on after the end")
				}
			})
		})
	}
}

// TestNothingIsLogged into the live view: half a minute after its start controller-runtime complains of a logger that was
// not set, with a stack trace.
func TestNothingIsLogged(t *testing.T) {
	newCommand()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := os.Stderr
	os.Stderr = write
	synctest.Test(t, func(*testing.T) {
		time.Sleep(100 * 365 * 24 * time.Hour) // the clock of this bubble begins in the year 2000
		log.Log.Info("the watch goes on")
	})
	os.Stderr = stderr
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	if logged, err := io.ReadAll(read); err != nil || len(logged) > 0 {
		t.Errorf("logged was %q, %v", logged, err)
	}
}

// TestWatchedPagesComeApart: what is written into a pipe is one document after the other, in the format that was asked for.
func TestWatchedPagesComeApart(t *testing.T) {
	cmd := &cobra.Command{}
	var out bytes.Buffer
	cmd.SetOut(&out)
	p := &pager{output: report.FormatYAML}
	screen := p.screen(&out)
	for _, name := range []string{"edge", "core", "core", "spine"} {
		if err := p.show(cmd, screen, report.Routers{Items: []report.Router{{Name: name}}}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for documents := utilyaml.NewDocumentDecoder(io.NopCloser(&out)); ; {
		document := make([]byte, 4096)
		n, err := documents.Read(document)
		if errors.Is(err, io.EOF) {
			break
		}
		var page report.Routers
		if err := errors.Join(err, yaml.UnmarshalStrict(document[:n], &page)); err != nil {
			t.Fatalf("reading page %d: %v", len(names)+1, err)
		}
		names = append(names, page.Items[0].Name)
	}
	if got := strings.Join(names, " "); got != "edge core spine" {
		t.Errorf("the pages are about %s", got)
	}
}
