package soak_test

import (
	"os"
	"reflect"
	"runtime"
	"strings"
)

// held is what a process holds on to.
type held struct {
	// entries counts the elements of every map and slice below the objects, by the way that leads there.
	entries map[string]int
	// heap is in bytes, after garbage collection.
	heap uint64
	// goroutines and files are counts. Each connection is a file at either end; files is 0 where there is no /proc.
	goroutines, files int
}

func hold(objects ...any) held {
	h := held{entries: map[string]int{}}
	w := walker{entries: h.entries, seen: map[uintptr]bool{}}
	for _, o := range objects {
		v := reflect.ValueOf(o)
		w.walk(v.Type().Elem().String(), v)
	}
	// Twice, for what the first collection finalizes and the second frees.
	runtime.GC()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	h.heap, h.goroutines = memory.HeapAlloc, runtime.NumGoroutine()
	if files, err := os.ReadDir("/proc/self/fd"); err == nil {
		h.files = len(files)
	}
	return h
}

// walker follows all that Peergate's own types lead to.
type walker struct {
	entries map[string]int
	seen    map[uintptr]bool
}

func (w *walker) walk(path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && !w.seen[v.Pointer()] {
			w.seen[v.Pointer()] = true
			w.walk(path, v.Elem())
		}
	case reflect.Interface:
		if !v.IsNil() {
			w.walk(path, v.Elem())
		}
	case reflect.Struct:
		if !isOwn(v.Type()) {
			return
		}
		for i := range v.NumField() {
			w.walk(path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Map:
		w.entries[path] += v.Len()
		for entries := v.MapRange(); entries.Next(); {
			w.walk(path+"[]", entries.Value())
		}
	case reflect.Slice:
		w.entries[path] += v.Len()
		for i := range v.Len() {
			w.walk(path+"[]", v.Index(i))
		}
	}
}

func isOwn(t reflect.Type) bool {
	return strings.HasPrefix(t.PkgPath(), "github.com/peergate/peergate/")
}
