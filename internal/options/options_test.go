package options_test

import (
	"strings"
	"testing"

	"go.uber.org/zap/zapcore"

	"github.com/peergate/peergate/internal/options"
)

func TestParse(t *testing.T) {
	t.Setenv(options.NamespaceVariable, "from-env")
	o, err := options.Parse("manager", []string{"--taint=example.net/closed=bgp:NoExecute", "--log-level=debug", "--leader-elect=false"})
	if err != nil {
		t.Fatal(err)
	}
	if o.Taint.Key != "example.net/closed" || o.Taint.Value != "bgp" || o.Taint.Effect != "NoExecute" {
		t.Errorf("taint %v", o.Taint)
	}
	if o.Namespace != "from-env" || o.LogLevel != zapcore.DebugLevel || o.LeaderElect {
		t.Errorf("options %+v", o)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]struct {
		args    []string
		problem string
	}{
		"no namespace":   {nil, "--namespace or $POD_NAMESPACE must be set"},
		"a bad taint":    {[]string{"--namespace=n", "--taint=closed"}, "reading --taint"},
		"a word":         {[]string{"--namespace=n", "start"}, `"start" is not a flag`},
		"an unknown one": {[]string{"--namespace=n", "--tanit=x"}, "tanit"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv(options.NamespaceVariable, "")
			if _, err := options.Parse("manager", test.args); err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("error %v, want one with %q", err, test.problem)
			}
		})
	}
}
