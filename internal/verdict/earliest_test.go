package verdict

import (
	"testing"
	"time"
)

func TestEarliest(t *testing.T) {
	for _, test := range []struct{ a, b, want time.Duration }{
		{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 2, 1}, {2, 1, 1}, {-1, 2, 2}, {2, -1, 2}, {-1, -1, 0}, {-1, 0, 0}, {0, -1, 0},
	} {
		if got := earliest(test.a, test.b); got != test.want {
			t.Errorf("earliest(%d, %d) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
