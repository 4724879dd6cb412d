package logging_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	stdlog "log"
	"runtime"
	"sync"
	"testing"

	"github.com/go-logr/zapr"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap/zapcore"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/peergate/peergate/internal/logging"
)

// entries are the lines of a log, each of which must be one JSON object, without the time.
func entries(t *testing.T, log *bytes.Buffer) (entries []map[string]any) {
	t.Helper()
	for lines := bufio.NewScanner(log); lines.Scan(); {
		entry := map[string]any{}
		if err := json.Unmarshal(lines.Bytes(), &entry); err != nil {
			t.Fatalf("%q is not JSON: %v", lines.Text(), err)
		}
		if at, _ := entry["ts"].(string); at == "" {
			t.Errorf("%s has no time", lines.Text())
		}
		delete(entry, "ts")
		entries = append(entries, entry)
	}
	return entries
}

// installed is the log of this process, which a logger can be installed in once.
var installed = sync.OnceValues(func() (*bytes.Buffer, error) {
	var log bytes.Buffer
	return &log, logging.Install(logging.New(&log, zapcore.InfoLevel))
})

func TestEverybodyWritesOneStream(t *testing.T) {
	log, err := installed()
	if err != nil {
		t.Fatal(err)
	}
	log.Reset()
	of := logging.Constructor(ctrl.Log, "nodelifecycle", "node")
	of(&reconcile.Request{NamespacedName: types.NamespacedName{Name: "leviathan3"}}).Info("Node changed", "state", "held")
	logging.Constructor(ctrl.Log, "speakerwatch", "daemonset")(
		&reconcile.Request{NamespacedName: types.NamespacedName{Namespace: "metallb-system", Name: "speaker"}}).Info("No toleration")
	of(nil).Error(errors.New("no route to host"), "Listing nodes")
	ctrl.Log.V(1).Info("only for debug")
	klog.InfoS("attempting to acquire leader lease", "lease", "peergate-manager")
	stdlog.Print("http: TLS handshake error")

	want := []map[string]any{
		{"level": "info", "msg": "Node changed", "controller": "nodelifecycle", "node": "leviathan3", "state": "held"},
		{"level": "info", "msg": "No toleration", "controller": "speakerwatch", "daemonset": "metallb-system/speaker"},
		{"level": "error", "msg": "Listing nodes", "controller": "nodelifecycle", "error": "no route to host"},
		{"level": "info", "msg": "attempting to acquire leader lease", "lease": "peergate-manager"},
		{"level": "info", "msg": "http: TLS handshake error"},
	}
	if diff := cmp.Diff(want, entries(t, log)); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

func TestLevels(t *testing.T) {
	for level, want := range map[zapcore.Level]int{
		zapcore.DebugLevel: 3, zapcore.InfoLevel: 2, zapcore.WarnLevel: 1, zapcore.ErrorLevel: 1,
	} {
		var log bytes.Buffer
		logger := zapr.NewLogger(logging.New(&log, level))
		logger.Error(errors.New("x"), "an error")
		logger.Info("a change")
		logger.V(1).Info("a poll")
		if got := len(entries(t, &log)); got != want {
			t.Errorf("at level %s there are %d lines, want %d", level, got, want)
		}
	}
}

// TestStormOfChanges: when a thousand nodes join together, each has its line; when they all fail alike, few do.
func TestStormOfChanges(t *testing.T) {
	const nodes = 1000
	var log bytes.Buffer
	logger := zapr.NewLogger(logging.New(&log, zapcore.InfoLevel))
	for range nodes {
		logger.Info("Node changed")
		logger.Error(errors.New("connection refused"), "Reconciler error")
	}
	count := map[any]int{}
	for _, e := range entries(t, &log) {
		count[e["level"]]++
	}
	if count["info"] != nodes {
		t.Errorf("%d of %d changes were logged", count["info"], nodes)
	}
	if count["error"] == 0 || count["error"] > nodes/2 {
		t.Errorf("%d of %d equal errors were logged", count["error"], nodes)
	}
}

// TestFieldsOfNoLine: what a logger is about costs next to nothing until there is a line, and is then in it, the fields of
// loggers from which it was made before its own.
func TestFieldsOfNoLine(t *testing.T) {
	var log bytes.Buffer
	of := logging.Constructor(zapr.NewLogger(logging.New(&log, zapcore.InfoLevel)), "nodelifecycle", "node")
	request := &reconcile.Request{NamespacedName: types.NamespacedName{Name: "leviathan3"}}
	const loggers = 1000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range loggers {
		of(request).WithValues("reconcileID", "1").V(1).Info("nothing to do")
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / loggers; got > 2500 {
		t.Errorf("a logger without a line takes %d bytes", got)
	}
	parent := of(request)
	parent.WithValues("x", 1).Info("first")
	parent.WithValues("y", 2).Info("second")
	want := []map[string]any{
		{"level": "info", "msg": "first", "controller": "nodelifecycle", "node": "leviathan3", "x": 1.0},
		{"level": "info", "msg": "second", "controller": "nodelifecycle", "node": "leviathan3", "y": 2.0},
	}
	if diff := cmp.Diff(want, entries(t, &log)); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}
