package explore

import (
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

var seed = maphash.MakeSeed()

// fingerprint is equal for two worlds in which the same can happen. Times count by how far they are from now, and all
// that are long ago are the same; versions count by how many have come since.
func (w *world) fingerprint(possible []uint8) uint64 {
	f := fingerprinter{now: w.clock.Now(), version: w.server.version}
	f.add(reflect.ValueOf(possible))
	f.add(reflect.ValueOf(w.server.nodes))
	f.add(reflect.ValueOf(w.server.webhooksAway))
	f.add(reflect.ValueOf(len(w.server.policies)))
	f.add(reflect.ValueOf(w.server.definition))
	f.add(reflect.ValueOf(w.router))
	f.add(reflect.ValueOf(w.copied))
	for _, name := range w.server.names() {
		f.add(reflect.ValueOf(w.opened[w.server.nodes[name].UID]))
		f.add(reflect.ValueOf(w.joined[w.server.nodes[name].UID]))
	}
	for _, p := range w.processes {
		f.addProcess(p)
	}
	return maphash.String(seed, f.String())
}

func (f *fingerprinter) addProcess(p *process) {
	f.WriteString("process{")
	f.add(reflect.ValueOf(p.nodes))
	f.add(reflect.ValueOf(len(p.policies)))
	f.add(reflect.ValueOf(p.heard))
	f.add(reflect.ValueOf(p.table))
	f.add(reflect.ValueOf(p.reconciler))
	if p.flight != nil {
		f.add(reflect.ValueOf(p.flight))
	}
	f.WriteString("}")
}

// fingerprinter writes down all that a value is made of, what is not exported too.
type fingerprinter struct {
	strings.Builder
	now     time.Time
	version int
	// versions is true within a value whose strings are resource versions.
	versions bool
}

// longAgo is longer than anything that a scenario waits for.
const longAgo = 100 * time.Second

// ignored are fields that lead out of a process, that only its messages depend on, or that count answers: two answers are
// never of the same time.
var ignored = []string{
	"Client", "Live", "Recorder", "Table", "Waiting", "Ledger", "Clock", "Taint", "siblings", "summary", "heardSoFar", "mu", "onChange", "next", "stop",
}

func (f *fingerprinter) add(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			f.WriteString("nil,")
			return
		}
		f.add(v.Elem())
	case reflect.Struct:
		f.addStruct(v)
	case reflect.Map:
		f.addMap(v)
	case reflect.Slice, reflect.Array:
		f.WriteString("[")
		for i := range v.Len() {
			f.add(v.Index(i))
		}
		f.WriteString("],")
	case reflect.Func:
	case reflect.String:
		f.addString(v.String())
	default:
		fmt.Fprintf(f, "%v,", v)
	}
}

var timeType = reflect.TypeFor[time.Time]()

func (f *fingerprinter) addStruct(v reflect.Value) {
	if v.Type() == timeType {
		f.addTime(v)
		return
	}
	f.WriteString("{")
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if slices.Contains(ignored, name) {
			continue
		}
		within := f.versions
		f.versions = within || name == "ResourceVersion" || name == "written"
		f.add(v.Field(i))
		f.versions = within
	}
	f.WriteString("},")
}

func (f *fingerprinter) addString(s string) {
	if version, err := strconv.Atoi(s); err == nil && f.versions {
		fmt.Fprintf(f, "%d versions ago,", f.version-version)
		return
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		f.addAge(f.now.Sub(at))
		return
	}
	fmt.Fprintf(f, "%q,", s)
}

// addTime reads a time that may not be exported, and is in UTC or local and has no monotonic reading, by its seconds:
// no scenario makes times that are less than one apart.
func (f *fingerprinter) addTime(v reflect.Value) {
	seconds := v.FieldByName("ext").Int()
	if seconds == 0 {
		f.WriteString("never,")
		return
	}
	now := reflect.ValueOf(f.now).FieldByName("ext").Int()
	f.addAge(time.Duration(now-seconds) * time.Second)
}

func (f *fingerprinter) addAge(age time.Duration) {
	if age < longAgo {
		fmt.Fprintf(f, "%s ago,", age)
		return
	}
	f.WriteString("long ago,")
}

func (f *fingerprinter) addMap(v reflect.Value) {
	entries := make([]string, 0, v.Len())
	for key, value := range v.Seq2() {
		entry := fingerprinter{now: f.now, version: f.version, versions: f.versions}
		entry.add(key)
		entry.WriteString(":")
		entry.add(value)
		entries = append(entries, entry.String())
	}
	slices.Sort(entries)
	f.WriteString("map[" + strings.Join(entries, "") + "],")
}
