package junos

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// maxDepth is how deep elements may nest. Junos needs seven levels.
const maxDepth = 32

// scanner reads the elements of an XML document one after the other.
//
// It exists because encoding/xml takes more than ten times as long, which matters at several kilobytes a neighbor. It
// reads only what Junos writes: elements, attributes, text and comments. A document type, and with it every entity
// that expands to more than a character, is an error.
type scanner struct {
	rest []byte
	// open are the names of the elements around the current place, the outermost first.
	open [][]byte
	// selfClosed is true between the start and the end of an element like <a/>.
	selfClosed bool
	done       bool
}

// event is the start or the end of an element.
type event struct {
	name []byte
	end  bool
	// attributes are as they stand in a start tag.
	attributes []byte
	// text is what stands between the last tag and this end, which is all there is of an element without children.
	text []byte
}

// next fills e. It returns io.EOF past the end of the document's one element, and io.ErrUnexpectedEOF if the document
// ends before.
func (s *scanner) next(e *event) error {
	if s.selfClosed {
		s.selfClosed = false
		return s.close(e, s.open[len(s.open)-1], nil)
	}
	for {
		text, tag, err := s.nextTag()
		switch {
		case err != nil:
			return err
		case tag[0] == '?' || tag[0] == '!':
			continue
		case tag[0] == '/':
			return s.close(e, bytes.TrimSpace(tag[1:]), text)
		}
		return s.start(e, tag)
	}
}

// nextTag returns what stands between the next "<" and ">", and the text before it.
func (s *scanner) nextTag() (text, tag []byte, err error) {
	text, rest, found := bytes.Cut(s.rest, []byte("<"))
	if len(s.open) == 0 && len(bytes.TrimSpace(text)) > 0 {
		return nil, nil, fmt.Errorf("%q outside of the document", bgptext.Printable(string(text[:min(len(text), 64)]), 64))
	}
	if !found {
		if s.done {
			return nil, nil, io.EOF
		}
		return nil, nil, io.ErrUnexpectedEOF
	}
	closing := ">"
	if bytes.HasPrefix(rest, []byte("!--")) {
		closing = "-->"
	} else if bytes.HasPrefix(rest, []byte("!")) {
		return nil, nil, errors.New("a document type or CDATA section, which Junos does not write")
	}
	tag, s.rest, found = bytes.Cut(rest, []byte(closing))
	switch {
	case !found:
		return nil, nil, io.ErrUnexpectedEOF
	case len(tag) == 0:
		return nil, nil, errors.New("an empty tag")
	}
	return text, tag, nil
}

func (s *scanner) start(e *event, tag []byte) error {
	tag, s.selfClosed = bytes.CutSuffix(tag, []byte("/"))
	end := 0
	for end < len(tag) && !isSpace(tag[end]) {
		end++
	}
	name, attributes := tag[:end], tag[end:]
	switch {
	case len(name) == 0 || bytes.IndexByte(tag, '<') >= 0:
		return errors.New("a tag without a name")
	case s.done:
		return errors.New("a second document behind the first")
	case len(s.open) == maxDepth:
		return fmt.Errorf("elements nested more than %d deep", maxDepth)
	}
	s.open = append(s.open, name)
	*e = event{name: name, attributes: attributes}
	return nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

func (s *scanner) close(e *event, name, text []byte) error {
	if len(s.open) == 0 || !bytes.Equal(s.open[len(s.open)-1], name) {
		return fmt.Errorf("an end of %q that has no start", bgptext.Printable(string(name[:min(len(name), 64)]), 64))
	}
	s.open = s.open[:len(s.open)-1]
	s.done = len(s.open) == 0
	*e = event{name: name, end: true, text: text}
	return nil
}

// value returns an element's text without the white space around it, which Junos adds to lists.
func (e *event) value() string {
	text := string(bytes.TrimSpace(e.text))
	if strings.Contains(text, "&") {
		return html.UnescapeString(text)
	}
	return text
}

// attribute returns the value of the attribute with that name, whatever the name's prefix.
func (e *event) attribute(name string) string {
	_, value, _ := bytes.Cut(e.attributes, []byte(name+`="`))
	value, _, _ = bytes.Cut(value, []byte(`"`))
	return string(value)
}
