package main

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// visit makes the mutants of one node. They need not compile: one that does not is no mutant.
func (m *mutator) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		m.binary(n)
	case *ast.UnaryExpr:
		if n.Op == token.NOT || n.Op == token.SUB {
			m.swap(n, m.text(n.X))
		}
	case *ast.IfStmt:
		m.condition(n.Cond)
	case *ast.CaseClause:
		m.caseClause(n)
	case *ast.BasicLit:
		m.literal(n)
	case *ast.Ident:
		m.ident(n)
	case *ast.AssignStmt:
		m.assignment(n)
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.BranchStmt:
		m.replace(n.Pos(), n.End(), "", "drop "+oneLine(m.text(n)))
	}
	return true
}

var others = map[token.Token][]token.Token{
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR},
	token.GTR: {token.GEQ, token.LEQ}, token.GEQ: {token.GTR, token.LSS},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL},
	token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.QUO}, token.QUO: {token.MUL},
}

// binary takes another operator, and leaves out either side of && and ||.
func (m *mutator) binary(e *ast.BinaryExpr) {
	for _, op := range others[e.Op] {
		m.replace(e.OpPos, e.OpPos+token.Pos(len(e.Op.String())), op.String(),
			oneLine(m.text(e))+" → "+oneLine(m.text(e.X))+" "+op.String()+" "+oneLine(m.text(e.Y)))
	}
	if e.Op == token.LAND || e.Op == token.LOR {
		m.swap(e, m.text(e.X))
		m.swap(e, m.text(e.Y))
	}
}

// condition always holds, or never. The original stays in the source, so that what it uses is still used.
func (m *mutator) condition(e ast.Expr) {
	m.swap(e, "true || ("+m.text(e)+")")
	m.swap(e, "false && ("+m.text(e)+")")
}

// caseClause never holds; the clauses of a switch without a tag may also always hold, and the others lose their body.
func (m *mutator) caseClause(c *ast.CaseClause) {
	if len(c.Body) > 0 {
		from, to := c.Body[0].Pos(), c.Body[len(c.Body)-1].End()
		m.replace(from, to, "", "drop the body of "+m.caseName(c))
	}
	for _, e := range c.List {
		if isCondition(e) {
			m.condition(e)
		}
	}
}

func (m *mutator) caseName(c *ast.CaseClause) string {
	if c.List == nil {
		return "default"
	}
	return "case " + oneLine(string(m.source[m.offset(c.List[0].Pos()):m.offset(c.List[len(c.List)-1].End())]))
}

// isCondition is a guess from the syntax alone: where it is wrong, the mutant does not compile.
func isCondition(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BinaryExpr, *ast.CallExpr:
		return true
	case *ast.UnaryExpr:
		return e.Op == token.NOT
	case *ast.Ident, *ast.SelectorExpr:
		return true
	}
	return false
}

// literal takes another number, or an empty string for one that is not.
func (m *mutator) literal(l *ast.BasicLit) {
	switch l.Kind {
	case token.INT:
		if n, err := strconv.ParseInt(l.Value, 0, 64); err == nil {
			m.swap(l, strconv.FormatInt(n+1, 10))
			if n > 0 {
				m.swap(l, strconv.FormatInt(n-1, 10))
			}
		}
	case token.STRING:
		if l.Value != `""` {
			m.swap(l, `""`)
		}
	}
}

var opposites = map[string]string{"true": "false", "false": "true", "min": "max", "max": "min"}

func (m *mutator) ident(i *ast.Ident) {
	if other, ok := opposites[i.Name]; ok {
		m.swap(i, other)
	}
}

// assignment is left out. What is on its right stays in the source, so that it is still used.
func (m *mutator) assignment(s *ast.AssignStmt) {
	if s.Tok == token.DEFINE {
		return
	}
	right := string(m.source[m.offset(s.Rhs[0].Pos()):m.offset(s.Rhs[len(s.Rhs)-1].End())])
	blanks := strings.TrimSuffix(strings.Repeat("_, ", len(s.Rhs)), ", ")
	m.replace(s.Pos(), s.End(), blanks+" = "+right, "drop "+oneLine(m.text(s)))
}

// returnAtOnce leaves the body out: the function returns the zero values of its results.
func (m *mutator) returnAtOnce(f *ast.FuncDecl) {
	var b strings.Builder
	var results []string
	if f.Type.Results != nil {
		for _, field := range f.Type.Results.List {
			for range max(1, len(field.Names)) {
				name := "zero" + strconv.Itoa(len(results))
				b.WriteString("var " + name + " " + m.text(field.Type) + "; ")
				results = append(results, name)
			}
		}
	}
	with := "{ if true { " + b.String() + "return " + strings.Join(results, ", ") + " };"
	m.replace(f.Body.Lbrace, f.Body.Lbrace+1, with, "return at once")
}
