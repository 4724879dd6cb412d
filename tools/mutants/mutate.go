package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// mutant is a source file with one small change.
type mutant struct {
	// pkg and file are relative to the root of the module.
	pkg, file string
	line      int
	// function is the name of the function that is changed, and change says how; with file they are the mutant's key.
	function, change string
	source           []byte
}

// key names a mutant for as long as the code in question does not change, wherever in its file it moves to.
func (m mutant) key() string { return m.file + ": " + m.function + ": " + m.change }

// mutantsOf makes all mutants of a package, tests aside.
func mutantsOf(root, pkg string) ([]mutant, error) {
	files, err := filepath.Glob(filepath.Join(root, pkg, "*.go"))
	if err != nil {
		return nil, fmt.Errorf("listing the files of %s: %w", pkg, err)
	}
	var mutants []mutant
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return nil, err
		}
		found, err := mutate(filepath.ToSlash(name), source)
		if err != nil {
			return nil, err
		}
		for i := range found {
			found[i].pkg = pkg
		}
		mutants = append(mutants, found...)
	}
	return mutants, nil
}

// mutate makes all mutants of one file.
func mutate(name string, source []byte) ([]mutant, error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parsing %s: %w", name, err)
	}
	m := mutator{fset: fset, name: name, source: source}
	for _, decl := range parsed.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		m.function = functionName(f)
		m.returnAtOnce(f)
		ast.Inspect(f.Body, m.visit)
	}
	return m.mutants, nil
}

func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if id, ok := receiver.(*ast.Ident); ok {
		return id.Name + "." + f.Name.Name
	}
	return f.Name.Name
}

type mutator struct {
	fset     *token.FileSet
	name     string
	source   []byte
	function string
	mutants  []mutant
}

// text is the source of a node.
func (m *mutator) text(n ast.Node) string {
	return string(m.source[m.offset(n.Pos()):m.offset(n.End())])
}

func (m *mutator) offset(p token.Pos) int { return m.fset.Position(p).Offset }

// replace makes a mutant in which the source between two positions is another.
func (m *mutator) replace(from, to token.Pos, with, change string) {
	source := append([]byte(nil), m.source[:m.offset(from)]...)
	source = append(source, with...)
	source = append(source, m.source[m.offset(to):]...)
	m.mutants = append(m.mutants, mutant{
		file: m.name, line: m.fset.Position(from).Line, function: m.function, change: change, source: source,
	})
}

// swap makes a mutant in which a node is another, and says so in the words of the source.
func (m *mutator) swap(n ast.Node, with string) {
	m.replace(n.Pos(), n.End(), with, oneLine(m.text(n))+" → "+oneLine(with))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
