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
	if want := (options.BMP{Address: ":1790"}); o.BMP != want {
		t.Errorf("BMP %+v, want %+v", o.BMP, want)
	}
	if o.Namespace != "from-env" || o.LogLevel != zapcore.DebugLevel || o.LeaderElect {
		t.Errorf("options %+v", o)
	}
}

func TestBMPService(t *testing.T) {
	for name, test := range map[string]struct {
		podIP, node string
		problem     string
	}{
		"all there":  {"fd00::7", "leviathan1", ""},
		"no address": {"", "leviathan1", "$POD_IP"},
		"no node":    {"10.0.0.7", "", "$NODE_NAME"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(options.PodIPVariable, test.podIP)
			t.Setenv(options.NodeVariable, test.node)
			o, err := options.Parse("manager", []string{"--namespace=n", "--bmp-service=peergate-bmp"})
			if test.problem == "" {
				if err != nil || o.BMP.PodIP.String() != test.podIP || o.BMP.Node != test.node {
					t.Errorf("Parse = %+v, %v", o.BMP, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("error %v, want one with %q", err, test.problem)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]struct {
		args    []string
		problem string
	}{
		"no namespace":   {nil, "--namespace or $POD_NAMESPACE must be set"},
		"a bad taint":    {[]string{"--namespace=n", "--taint=closed"}, "reading --taint"},
		"a level of log": {[]string{"--namespace=n", "--log-level=panic"}, `reading --log-level: "panic" is not debug, info, warn or error`},
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
