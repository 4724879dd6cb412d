package routeros

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRecords has records that follow each other with the same properties, with fewer, with others and in another order.
func TestRecords(t *testing.T) {
	t.Parallel()
	const text = `Flags: X - disabled, E - established
 0 E name="node 1" remote-as=64513 state=established

 1 X ;;; rack 1
     name="a \"b\"" remote-as=64514
 2   name=c state=idle remote-as=64515 uptime=""
 3 *E state=active name=d
`
	want := []map[string]string{
		{"flags": "E", "name": "node 1", "remote-as": "64513", "state": "established", "uptime": ""},
		{"flags": "X", "name": `a "b"`, "remote-as": "64514", "state": "", "uptime": ""},
		{"flags": "", "name": "c", "remote-as": "64515", "state": "idle", "uptime": ""},
		{"flags": "*E", "name": "d", "remote-as": "", "state": "active", "uptime": ""},
	}
	var got []map[string]string
	reader := recordReader{do: func(r *record) error {
		values := map[string]string{"flags": string(r.flags)}
		for _, name := range []string{"name", "remote-as", "state", "uptime"} {
			values[name] = string(r.value(name))
		}
		got = append(got, values)
		return nil
	}}
	if err := reader.read([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || reader.records != len(want) {
		t.Errorf("%d records (-want +got):\n%s", reader.records, diff)
	}
}

func TestDamagedRecords(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&many, " p%d=", i)
	}
	for text, want := range map[string]string{
		"name=a":                             `"name=a" where entry 0 should be`,
		"1 name=a":                           "entry 1 where entry 0 should be",
		"0 name=a\n2 name=b":                 "entry 2 where entry 1 should be",
		"0 name=a name=b":                    "property name comes twice in one entry",
		"0 a=1 b=2\n1 a=1 b=2 a=3":           "property a comes twice in one entry",
		"0 a=1 b=2 c=3\n1 a=1 c=3 c=4":       "property c comes twice in one entry",
		"0 a=1 b=2 c=3\n1 b=1 a=2 c=3\n b=4": "property b comes twice in one entry",
		`0 name="a`:                          "the value of name has no closing quote",
		"0 name=a\n1 name":                   `"name" where a property should be`,
		"0 node 1":                           `"node 1" where a property should be`,
		"0 node name=a":                      `"node name=a" where a property should be`,
		"0" + many.String():                  "an entry with more than 250 properties",
	} {
		reader := recordReader{do: func(*record) error { return nil }}
		if err := reader.read([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%.50q: error %v, want %s", text, err, want)
		}
	}
}
