package bgptext

// text is what functions take that are called for every word of a table, on lines of an answer as well as on strings.
type text interface{ ~string | ~[]byte }

// CutWord cuts s behind its first word. Words stand between spaces and tabs; without one, word is empty.
func CutWord[T text](s T) (word, rest T) {
	for len(s) > 0 && isBlank(s[0]) {
		s = s[1:]
	}
	for i := range len(s) {
		if isBlank(s[i]) {
			return s[:i], s[i:]
		}
	}
	return s, s[len(s):]
}

// AppendWords appends the words of s, as strings.Fields returns them, to words, which may have the room already.
func AppendWords(words []string, s string) []string {
	for end := 0; end < len(s); {
		begin := end
		for begin < len(s) && isBlank(s[begin]) {
			begin++
		}
		end = begin
		for end < len(s) && !isBlank(s[end]) {
			end++
		}
		if begin < end {
			words = append(words, s[begin:end])
		}
	}
	return words
}

// Trim returns a line without the blanks and the line end around it. Lines are too many for bytes.TrimSpace, which looks
// for the spaces of all scripts.
func Trim(line []byte) []byte {
	begin, end := 0, len(line)
	if end > 0 && line[end-1] == '\n' {
		end--
	}
	for begin < end && isBlank(line[end-1]) {
		end--
	}
	for begin < end && isBlank(line[begin]) {
		begin++
	}
	return line[begin:end]
}

// isBlank needs one comparison for nearly all of a word.
func isBlank(b byte) bool { return b <= ' ' && (b == ' ' || b == '\t') }

// maxDigits is the length of the longest numbers that all fit into 64 bits.
const maxDigits = 19

// Uint reads a number of at most 19 decimal digits, and is false for anything else. Unlike strconv it makes no error,
// which costs more than the number where a column may hold either a number or a word.
func Uint[T text](s T) (uint64, bool) {
	if len(s) == 0 || len(s) > maxDigits {
		return 0, false
	}
	var n uint64
	for i := range len(s) {
		digit := s[i] - '0'
		if digit > 9 {
			return 0, false
		}
		n = 10*n + uint64(digit)
	}
	return n, true
}
