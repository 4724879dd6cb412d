package speaker_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/peergate/peergate/internal/speaker"
	"github.com/peergate/peergate/internal/speaker/speakertest"
)

var update = flag.Bool("update", false, "write the golden file anew")

var taint = corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule}

func TestFind(t *testing.T) {
	var daemonSets []appsv1.DaemonSet
	for _, d := range speakertest.DaemonSets(t) {
		daemonSets = append(daemonSets, d)
	}
	var got strings.Builder
	for _, f := range speaker.Find(daemonSets, taint) {
		fmt.Fprintf(&got, "%s/%s is %s; tolerates: %t\n", f.Namespace, f.Name, f.Product, f.Tolerates)
		if f.Fix != "" {
			fmt.Fprintf(&got, "    %s\n", f.Fix)
		}
	}
	const golden = "testdata/findings.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestOfLeavesOthersAlone(t *testing.T) {
	for name, d := range speakertest.DaemonSets(t) {
		f, ok := speaker.Of(&d, taint)
		if none := strings.HasPrefix(name, "none-"); ok == none {
			t.Errorf("%s: found %t (%+v)", name, ok, f)
		}
	}
}

func TestTolerates(t *testing.T) {
	with := func(effect corev1.TaintEffect, value string) corev1.Taint {
		return corev1.Taint{Key: taint.Key, Value: value, Effect: effect}
	}
	exists := corev1.Toleration{Operator: corev1.TolerationOpExists}
	noSchedule := corev1.Toleration{Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule}
	equal := corev1.Toleration{Key: taint.Key, Value: "x"}
	tests := map[string]struct {
		taint       corev1.Taint
		tolerations []corev1.Toleration
		want        bool
	}{
		"none":                              {taint, nil, false},
		"every taint":                       {taint, []corev1.Toleration{exists}, true},
		"of the effect":                     {taint, []corev1.Toleration{noSchedule}, true},
		"of another effect":                 {with(corev1.TaintEffectNoExecute, ""), []corev1.Toleration{noSchedule}, false},
		"another value":                     {taint, []corev1.Toleration{equal}, false},
		"the value":                         {with(taint.Effect, "x"), []corev1.Toleration{equal}, true},
		"a taint that keeps no pods away":   {with(corev1.TaintEffectPreferNoSchedule, ""), nil, true},
		"ours":                              {taint, []corev1.Toleration{speaker.Toleration(taint)}, true},
		"ours, of a taint that has a value": {with(taint.Effect, "x"), []corev1.Toleration{speaker.Toleration(with(taint.Effect, "x"))}, true},
		"a longer key":                      {taint, []corev1.Toleration{{Key: taint.Key + "-x", Operator: corev1.TolerationOpExists}}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := speaker.Tolerates(test.tolerations, test.taint); got != test.want {
				t.Errorf("Tolerates = %t, want %t", got, test.want)
			}
		})
	}
}

// Images come from mirrors, with ports, prefixes, tags and digests.
func TestImages(t *testing.T) {
	tests := map[string]bool{
		"quay.io/metallb/speaker:v0.16.2":                          true,
		"metallb/speaker":                                          true,
		"localhost:5000/quay.io/metallb/speaker:v0.16.2@sha256:00": true,
		"docker.io/bitnami/metallb-speaker:0.15":                   true,
		"docker.io/rancher/mirrored-calico-node:v3.31.0":           true,
		"rancher/mirrored-metallb-speaker:v0.15.2":                 true,
		"mirror.example.net/metallb-frr-k8s@sha256:00":             true,
		"registry.example.net/hub/cloudnativelabs-kube-router":     true,
		"ghcr.io/kube-vip/kube-vip-iptables:v1.0.1":                true,
		"rancher/mirrored-kube-vip-kube-vip-iptables:v1.0.1":       true,
		"ghcr.io/kube-vip/kube-vip-cloud-provider:v0.0.12":         false,
		"registry.example.net/notmetallb-speaker":                  false,
		"quay.io/metallb/controller:v0.16.2":                       false,
		"quay.io/metallb/speaker-metrics:v1":                       false,
		"registry.example.net/notmetallb/speaker":                  false,
		"registry.example.net/x:metallb/speaker":                   false,
	}
	for image, want := range tests {
		t.Run(image, func(t *testing.T) {
			d := appsv1.DaemonSet{}
			d.Spec.Template.Spec.Containers = []corev1.Container{{Image: image}}
			if f, got := speaker.Of(&d, taint); got != want {
				t.Errorf("found %t (%+v), want %t", got, f, want)
			}
		})
	}
}
