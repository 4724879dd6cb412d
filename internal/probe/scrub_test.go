package probe_test

import (
	"testing"

	"github.com/peergate/peergate/internal/probe"
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/replay"
)

func TestScrubber(t *testing.T) {
	tests := map[string]struct{ printed, want string }{
		"the password":                     {"logged in with hunter22", "logged in with REMOVED"},
		"a JSON member":                    {`{"auth_password": "x", "peer": "y"}`, `{"auth_password": "REMOVED", "peer": "y"}`},
		"a JSON member with quotes in it":  {`{"password": "ab\"cd\\\\", "peer": "y"}`, `{"password": "REMOVED", "peer": "y"}`},
		"a property with quotes in it":     {`tcp-md5-key="ab\"cd" nexthop-choice=default`, `tcp-md5-key="REMOVED" nexthop-choice=default`},
		"a member that is cut off":         {`{"password": "ab\"c`, `{"password": "REMOVED`},
		"cut off within an escape":         {`{"password": "ab\`, `{"password": "REMOVED\`},
		"FRR's word for communities stays": {`{"communityCount": 1}`, `{"communityCount": 1}`},
		"RouterOS's property":              {`remote-as=1 tcp-md5-key="x" nexthop-choice=default`, `remote-as=1 tcp-md5-key="REMOVED" nexthop-choice=default`},
		"RouterOS's JSON":                  {`{"tcp-md5-key":"x"}`, `{"tcp-md5-key":"REMOVED"}`},
		"nothing":                          {"10.0.0.1 4 64513 Established", "10.0.0.1 4 64513 Established"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			runner := &probe.Scrubber{
				Runner:  &replay.Runner{Answers: map[string]routerclient.Output{"show": {Stdout: []byte(test.printed), Stderr: []byte(test.printed)}}},
				Secrets: [][]byte{[]byte("hunter22"), nil, []byte("a")},
			}
			out, err := runner.Run(t.Context(), "show")
			if err != nil || string(out.Stdout) != test.want || string(out.Stderr) != test.want {
				t.Errorf("%q became %q and %q, %v; want %q", test.printed, out.Stdout, out.Stderr, err, test.want)
			}
		})
	}
}
