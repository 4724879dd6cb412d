package logging

import (
	"slices"

	"go.uber.org/zap/zapcore"
)

// lazyCore encodes the fields of a logger once there is a line to write. Controller-runtime gives every reconciliation a
// logger of its own, few of which write anything, while zap's cores, and its own lazy one when With follows With, encode
// at once: a kilobyte for each.
type lazyCore struct {
	zapcore.Core
	fields []zapcore.Field
}

// With returns the core with more fields.
func (c lazyCore) With(fields []zapcore.Field) zapcore.Core {
	return lazyCore{Core: c.Core, fields: slices.Concat(c.fields, fields)}
}

// Check adds the core to the entry if it is to be written.
func (c lazyCore) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if !c.Enabled(entry.Level) {
		return checked
	}
	return c.Core.With(c.fields).Check(entry, checked)
}

// Write writes an entry.
func (c lazyCore) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	return c.Core.With(c.fields).Write(entry, fields)
}
