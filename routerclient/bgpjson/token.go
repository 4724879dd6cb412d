package bgpjson

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
)

// next skips white space, and returns the byte behind it without reading that; 0 at the end.
func (s *Scanner) next() byte {
	for ; s.at < len(s.answer); s.at++ {
		switch c := s.answer[s.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// scalar reads a value without parts, and returns it as it stands in the answer.
func (s *Scanner) scalar() (raw []byte, err error) {
	switch s.next() {
	case '"':
		raw, _, err = s.string()
		return raw, err
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	case '{', '[':
		return nil, s.unexpected("a string, number, boolean or null")
	}
	return s.number()
}

// string reads a string, quotes included. It is plain if it stands for itself: ASCII without escapes.
func (s *Scanner) string() (raw []byte, plain bool, err error) {
	begin := s.at
	plain = true
	for s.at++; s.at < len(s.answer); s.at++ {
		switch c := s.answer[s.at]; {
		case c == '"':
			s.at++
			return s.answer[begin:s.at], plain, nil
		case c == '\\':
			plain = false
			if err := s.escape(); err != nil {
				return nil, false, err
			}
		case c < ' ':
			return nil, false, s.unexpected("a character of a string")
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	return nil, false, io.ErrUnexpectedEOF
}

// escape reads an escape sequence but for its last byte, with the scanner at the backslash.
func (s *Scanner) escape() error {
	s.at++
	if s.at == len(s.answer) {
		return io.ErrUnexpectedEOF
	}
	if s.answer[s.at] != 'u' {
		if strings.IndexByte(`"\/bfnrt`, s.answer[s.at]) < 0 {
			return s.unexpected("an escaped character")
		}
		return nil
	}
	for range 4 {
		s.at++
		if s.at == len(s.answer) || !isHexDigit(s.answer[s.at]) {
			return s.unexpected("a hexadecimal digit")
		}
	}
	return nil
}

func isHexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func (s *Scanner) word(word string) (raw []byte, err error) {
	rest := s.answer[s.at:]
	if bytes.HasPrefix(rest, []byte(word)) {
		s.at += len(word)
		return rest[:len(word)], nil
	}
	if strings.HasPrefix(word, string(rest[:min(len(rest), len(word))])) {
		return nil, io.ErrUnexpectedEOF
	}
	return nil, s.unexpected("a value")
}

// number reads one such as -12.5e+3.
func (s *Scanner) number() (raw []byte, err error) {
	begin := s.at
	s.accept("-")
	if !s.accept("0") && !s.digits() {
		return nil, s.unexpected("a value")
	}
	if s.accept(".") && !s.digits() {
		return nil, s.unexpected("a digit")
	}
	if s.accept("eE") {
		s.accept("+-")
		if !s.digits() {
			return nil, s.unexpected("a digit")
		}
	}
	return s.answer[begin:s.at], nil
}

// accept reads one of the characters, and is false if there is another.
func (s *Scanner) accept(characters string) bool {
	if s.at == len(s.answer) || strings.IndexByte(characters, s.answer[s.at]) < 0 {
		return false
	}
	s.at++
	return true
}

// digits is false if there is none.
func (s *Scanner) digits() bool {
	begin := s.at
	for s.at < len(s.answer) && '0' <= s.answer[s.at] && s.answer[s.at] <= '9' {
		s.at++
	}
	return s.at > begin
}
