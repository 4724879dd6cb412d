// Package logging makes all that the manager logs, and the libraries in it, one stream of JSON, a line an entry, and gives
// the lines of each controller the same keys.
package logging

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/zapr"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Of one message that is an error, so many lines are written in a second, and after those one in so many: while the API
// server is away, each node has one. Lines that tell of a change are never left out.
const (
	errorsPerSecond = 100
	thenOneIn       = 100
)

// Install has controller-runtime, client-go and the standard library, for net/http, log to a logger. It counts once in a
// process.
func Install(logger *zap.Logger) error {
	ctrl.SetLogger(zapr.NewLogger(logger))
	klog.SetLogger(zapr.NewLogger(logger))
	if _, err := zap.RedirectStdLogAt(logger, zapcore.InfoLevel); err != nil {
		return fmt.Errorf("redirecting the standard library's log: %w", err)
	}
	return nil
}

// New returns a logger that writes lines of at least the level.
func New(to io.Writer, level zapcore.Level) *zap.Logger {
	sink := zapcore.Lock(zapcore.AddSync(to))
	config := zap.NewProductionEncoderConfig()
	config.EncodeTime = zapcore.RFC3339TimeEncoder
	encoder := zapcore.NewJSONEncoder(config)
	changes := zapcore.NewCore(encoder, sink, zap.LevelEnablerFunc(func(l zapcore.Level) bool {
		return l >= level && l < zapcore.ErrorLevel
	}))
	errors := zapcore.NewCore(encoder, sink, max(level, zapcore.ErrorLevel))
	return zap.New(lazyCore{Core: zapcore.NewTee(changes, zapcore.NewSamplerWithOptions(errors, time.Second, errorsPerSecond, thenOneIn))})
}

// Constructor makes the loggers of a controller. What a request is about is under key: node, router or policy, or what has
// a namespace, which then goes before its name.
func Constructor(base logr.Logger, controller, key string) func(*reconcile.Request) logr.Logger {
	base = base.WithValues("controller", controller)
	return func(r *reconcile.Request) logr.Logger {
		if r == nil {
			return base
		}
		return base.WithValues(key, strings.TrimPrefix(r.String(), "/"))
	}
}
