package nodestate

import "strings"

// Said is the message of a condition BGPPeered, taken apart.
type Said struct {
	// Headline says what became of the node, or is "" where the routers' sentences say it all.
	Headline string
	// Routers are those that the message names, in its order. One with an Established session is left out where others
	// have none.
	Routers []RouterSaid
}

// RouterSaid is what a message says of one router.
type RouterSaid struct {
	Router string
	// Sentences are whole ones, with the router's name.
	Sentences []string
	// Lines are to be typed on the router.
	Lines []string
	// Note says what the lines leave open, or is "".
	Note string
}

// Parse takes a message apart. What it does not understand becomes part of the last router's note, so that no word is
// lost.
func Parse(message string) Said {
	var said Said
	for line := range strings.SplitSeq(message, "\n") {
		said.add(line)
	}
	return said
}

// the beginnings of lines, as package verdict writes them.
const (
	routerLine = "Router "
	typeLine   = "Type on "
	typedLine  = "  "
)

func (s *Said) add(line string) {
	last := len(s.Routers) - 1
	switch {
	case strings.HasPrefix(line, routerLine):
		s.addSentence(line)
	case last < 0:
		s.Headline = strings.TrimPrefix(s.Headline+"\n"+line, "\n")
	case strings.HasPrefix(line, typeLine) && strings.HasSuffix(line, ":"):
	case strings.HasPrefix(line, typedLine) && s.Routers[last].Note == "":
		s.Routers[last].Lines = append(s.Routers[last].Lines, strings.TrimPrefix(line, typedLine))
	default:
		s.Routers[last].Note = strings.TrimPrefix(s.Routers[last].Note+"\n"+line, "\n")
	}
}

func (s *Said) addSentence(line string) {
	name, _, _ := strings.Cut(strings.TrimPrefix(line, routerLine), " ")
	if last := len(s.Routers) - 1; last >= 0 && s.Routers[last].Router == name {
		s.Routers[last].Sentences = append(s.Routers[last].Sentences, line)
		return
	}
	s.Routers = append(s.Routers, RouterSaid{Router: name, Sentences: []string{line}})
}

// Of returns what the message says of a router.
func (s Said) Of(router string) (RouterSaid, bool) {
	for _, r := range s.Routers {
		if r.Router == router {
			return r, true
		}
	}
	return RouterSaid{}, false
}
