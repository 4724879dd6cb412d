package nodeselector

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// isPlain is true of a selector of labels alone that are well-formed beyond doubt. A node is looked at with the selector
// of every router of the cluster, and compiling one takes twenty times as long as comparing the labels. Of a selector
// that may be malformed it is not enough that it takes no node: nodes that no policy selects are opened.
func isPlain(selector *metav1.LabelSelector) bool {
	if len(selector.MatchExpressions) > 0 {
		return false
	}
	for key, value := range selector.MatchLabels {
		if !isPlainKey(key) || (value != "" && !isPlainWord(value)) {
			return false
		}
	}
	return true
}

// isPlainKey is true of a qualified name: a word, or a lower-case domain name without anything unusual, a slash, and a
// word.
func isPlainKey(key string) bool {
	for i := range len(key) {
		if key[i] == '/' {
			return i <= validation.DNS1123LabelMaxLength && isPlainDomain(key[:i]) && isPlainWord(key[i+1:])
		}
	}
	return isPlainWord(key)
}

// isPlainWord is true of what may be a label's value, or the name in its key.
func isPlainWord(s string) bool {
	if s == "" || len(s) > validation.LabelValueMaxLength || !isAlphanumeric(s[0]) || !isAlphanumeric(s[len(s)-1]) {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// isPlainDomain is true of lower-case words with a dot between them.
func isPlainDomain(s string) bool {
	afterDot := true
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			afterDot = false
		case c == '.' && !afterDot:
			afterDot = true
		default:
			return false
		}
	}
	return !afterDot
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func takesPlain(wanted, labels map[string]string) bool {
	for key, value := range wanted {
		if got, ok := labels[key]; !ok || got != value {
			return false
		}
	}
	return true
}
