package doctor

import (
	"fmt"
	"strings"
)

// shownNames is how many names are listed where there are too many to read.
const shownNames = 5

// some names one or a few of many: "node a", or "nodes a, b and 3 more".
func some(kind string, names []string) string {
	switch {
	case len(names) == 1:
		return kind + " " + names[0]
	case len(names) <= shownNames:
		return kind + "s " + strings.Join(names, ", ")
	default:
		return fmt.Sprintf("%ss %s and %d more", kind, strings.Join(names[:shownNames], ", "), len(names)-shownNames)
	}
}
