package ios

import "testing"

func TestPrefixes(t *testing.T) {
	for columns, want := range map[string]struct {
		received uint64
		wrapped  bool
	}{
		"   4 64513      20      19        3    0    0 00:16:34        2":     {received: 2},
		"   4 64513      20      19        3    0    0 1d02h        12  ":     {received: 12},
		"   4 64513      20      19        3    0    0 1d02h        4 (SE)":   {received: 4},
		"   4 64513      20      19        3    0    0 00:16:34 (SE)":         {},
		"   4 64513      20      19        3    0    0 never    Idle":         {},
		"   4 64513      20      19        3    0    0 3w4d     Idle (Admin)": {},
		"   4 64513      20      19        3    0    0 00:16:34":              {}, // cut off here, and further left below
		"   4 64513      20      19        3    0":                            {},
		" 4":  {},
		"":    {wrapped: true},
		"   ": {wrapped: true},
	} {
		if received, wrapped := prefixes([]byte(columns)); received != want.received || wrapped != want.wrapped {
			t.Errorf("%q: got %d, %t; want %+v", columns, received, wrapped, want)
		}
	}
}
