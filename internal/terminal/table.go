package terminal

import (
	"io"
	"strings"
	"unicode/utf8"
)

// Table is text in columns. Its cells may be coloured, which column widths computed by text/tabwriter do not survive.
type Table struct {
	// Indent is written before each line.
	Indent string
	rows   [][]cell
}

type cell struct {
	text  string
	paint func(string) string
}

// Row adds a row.
func (t *Table) Row(texts ...string) { t.Painted(nil, texts...) }

// Painted adds a row whose first cell is painted.
func (t *Table) Painted(paint func(string) string, texts ...string) {
	row := make([]cell, 0, len(texts))
	for _, text := range texts {
		row = append(row, cell{text: text})
	}
	row[0].paint = paint
	t.rows = append(t.rows, row)
}

// gap between two columns, as kubectl has it.
const gap = 3

// Write writes the table. The last cell of a row is not padded.
func (t *Table) Write(w io.Writer) error {
	widths := t.widths()
	var b strings.Builder
	for _, row := range t.rows {
		b.WriteString(t.Indent)
		for i, c := range row {
			text := c.text
			if c.paint != nil {
				text = c.paint(text)
			}
			b.WriteString(text)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.text)+gap))
			}
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *Table) widths() []int {
	var widths []int
	for _, row := range t.rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if i < len(row)-1 {
				widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
			}
		}
	}
	return widths
}
