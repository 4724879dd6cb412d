package doctor_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/peergate/peergate/internal/access"
	"github.com/peergate/peergate/internal/doctor"
	"github.com/peergate/peergate/internal/report"
	"github.com/peergate/peergate/internal/terminal"
	"github.com/peergate/peergate/internal/verdict"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestNothingIsWrong: on a healthy installation every check is made, and none finds anything.
func TestNothingIsWrong(t *testing.T) {
	r := doctor.Examine(healthy(t))
	for _, f := range r.Findings {
		if f.Level != doctor.OK {
			t.Errorf("%s is %s: %s", f.Check, f.Level, f.Message)
		}
	}
	if len(r.Findings) != len(doctor.Names()) || !r.Healthy() {
		t.Errorf("%d findings of %d checks", len(r.Findings), len(doctor.Names()))
	}
}

// wrong is one thing that is not as it should be, and what is said of it.
type wrong struct {
	check string
	do    func(*doctor.Facts)
	level doctor.Level
	words string
}

func TestFindings(t *testing.T) {
	expired := newAuthority(t, -time.Hour)
	another := newAuthority(t, time.Hour)
	status := func(f func(*report.Status)) func(*doctor.Facts) {
		return func(facts *doctor.Facts) { f(&facts.Status.Value) }
	}
	tests := map[string]wrong{
		"no deployment":          {"manager", func(f *doctor.Facts) { f.Manager = seen[*appsv1.Deployment](nil) }, doctor.Problem, "there is no Deployment peergate-manager in namespace peergate-system"},
		"no replica":             {"manager", func(f *doctor.Facts) { f.Manager.Value.Status.ReadyReplicas = 0 }, doctor.Problem, "no replica of the manager is ready"},
		"one replica of two":     {"manager", func(f *doctor.Facts) { f.Manager.Value.Status.ReadyReplicas = 1 }, doctor.Warning, "1 of 2 replicas"},
		"no lease":               {"manager", func(f *doctor.Facts) { f.Lease = seen[*coordinationv1.Lease](nil) }, doctor.Problem, "no replica leads"},
		"an old lease":           {"manager", func(f *doctor.Facts) { renewed(f, -time.Minute) }, doctor.Problem, "no replica leads"},
		"a definition missing":   {"definitions", func(f *doctor.Facts) { f.Definitions.Value = f.Definitions.Value[:1] }, doctor.Problem, "peeringpolicies.peergate.dev is missing"},
		"not established":        {"definitions", func(f *doctor.Facts) { f.Definitions.Value[0].Status.Conditions = nil }, doctor.Problem, "is not established"},
		"another version served": {"definitions", func(f *doctor.Facts) { f.Definitions.Value[0].Spec.Versions[0].Served = false }, doctor.Problem, "does not serve version v1alpha1"},
		"another version stored": {"definitions", func(f *doctor.Facts) { f.Definitions.Value[0].Status.StoredVersions = []string{"v1alpha0"} }, doctor.Problem, "stored in a version that it does not define: [v1alpha0]"},
		"an older schema": {"definitions", func(f *doctor.Facts) { delete(spec(f, 0).Properties, "bmp") }, doctor.Warning,
			"bgprouters.peergate.dev is of another release than this command: it lacks field spec.bmp"},
		"older defaults": {"definitions", func(f *doctor.Facts) {
			vrf := spec(f, 0).Properties["vrf"]
			vrf.Default, vrf.Description = &apiextensionsv1.JSON{Raw: []byte(`"main"`)}, "Other words."
			spec(f, 0).Properties["vrf"] = vrf
			delete(spec(f, 0).Properties["poll"].Properties, "interval")
		}, doctor.Warning, "it lacks field spec.poll.interval, and requires something else of field spec.vrf"},
		"a newer schema": {"definitions", func(f *doctor.Facts) { spec(f, 1).Properties["to-come"] = apiextensionsv1.JSONSchemaProps{} }, doctor.Note,
			"peeringpolicies.peergate.dev is of another release than this command: it has besides field spec.to-come"},
		"a right missing":       {"rbac", func(f *doctor.Facts) { f.Lacking = seen([]access.Right{access.Exempt}) }, doctor.Problem, "may not exempt peeringpolicies.peergate.dev"},
		"every right missing":   {"rbac", func(f *doctor.Facts) { f.Lacking = seen(doctor.ManagerRights(f.Namespace)) }, doctor.Problem, "has none of the rights that the manager needs"},
		"no certificate":        {"certificate", func(f *doctor.Facts) { f.Serving = seen[*doctor.ServingCertificate](nil) }, doctor.Problem, "there is no certificate"},
		"certificate ended":     {"certificate", func(f *doctor.Facts) { f.Serving.Value.NotAfter = now.Add(-time.Hour) }, doctor.Problem, "ended on 2026-03-01"},
		"certificate ends soon": {"certificate", func(f *doctor.Facts) { f.Serving.Value.NotAfter = now.Add(13 * 24 * time.Hour) }, doctor.Warning, "ends on 2026-03-14, in 13 days"},
		"certificate not ready": {"certificate", func(f *doctor.Facts) { f.Serving.Value.NotReady = "Issuing" }, doctor.Warning, "cert-manager does not vouch for the webhooks' certificate: Issuing"},
		"certificate of another CA": {"certificate", func(f *doctor.Facts) { f.Serving = seen(another.issue(t, serviceName, 60*24*time.Hour)) },
			doctor.Problem, "does not trust the certificate of webhook node-taint.peergate.dev"},
		"another CA for the guard": {"certificate", func(f *doctor.Facts) { f.Validating.Value.Webhooks[0].ClientConfig.CABundle = another.pem },
			doctor.Problem, "does not trust the certificate of webhook node-guard.peergate.dev"},
		"certificate ended by the API server's clock": {"certificate", func(f *doctor.Facts) { f.Server.Value = now.Add(61 * 24 * time.Hour) },
			doctor.Problem, "ended on 2026-04-30"},
		"certificate of another name": {"certificate", func(f *doctor.Facts) { f.Namespace = "elsewhere" }, doctor.Problem, "peergate-webhook.elsewhere.svc"},
		"no mutating webhooks":        {"webhooks", func(f *doctor.Facts) { f.Mutating.Value = nil }, doctor.Problem, "MutatingWebhookConfiguration peergate is missing"},
		"no validating webhooks":      {"webhooks", func(f *doctor.Facts) { f.Validating.Value = nil }, doctor.Problem, "ValidatingWebhookConfiguration peergate is missing"},
		"a webhook missing":           {"webhooks", func(f *doctor.Facts) { f.Validating.Value.Webhooks = f.Validating.Value.Webhooks[:2] }, doctor.Problem, "webhook peeringpolicy.peergate.dev is missing"},
		"no CA":                       {"webhooks", func(f *doctor.Facts) { f.Mutating.Value.Webhooks[0].ClientConfig.CABundle = nil }, doctor.Problem, "cannot call webhook node-taint.peergate.dev: it has no CA"},
		"nodes wait for the manager":  {"webhooks", func(f *doctor.Facts) { f.Mutating.Value.Webhooks[0].FailurePolicy = new(admissionregistrationv1.Fail) }, doctor.Note, "node-taint.peergate.dev has failurePolicy Fail"},
		"the guard refuses all": {"webhooks", func(f *doctor.Facts) {
			f.Validating.Value.Webhooks[0].FailurePolicy = new(admissionregistrationv1.Fail)
		}, doctor.Note, "node-guard.peergate.dev has failurePolicy Fail"},
		"nobody looks at policies": {"webhooks", func(f *doctor.Facts) {
			f.Validating.Value.Webhooks[2].FailurePolicy = new(admissionregistrationv1.Ignore)
		}, doctor.Warning, "peeringpolicy.peergate.dev has failurePolicy Ignore"},
		"CA ended":            {"webhooks", func(f *doctor.Facts) { f.Mutating.Value.Webhooks[0].ClientConfig.CABundle = expired.pem }, doctor.Problem, "its CA ended on 2026-03-01"},
		"CA is nonsense":      {"webhooks", func(f *doctor.Facts) { f.Mutating.Value.Webhooks[0].ClientConfig.CABundle = []byte("x") }, doctor.Problem, "not in PEM form"},
		"no identity policy":  {"node-identity", func(f *doctor.Facts) { f.IdentityPolicy.Value = nil }, doctor.Problem, "ValidatingAdmissionPolicy node-identity.peergate.dev is missing"},
		"no identity binding": {"node-identity", func(f *doctor.Facts) { f.IdentityBinding.Value = nil }, doctor.Problem, "Binding node-identity.peergate.dev is missing"},
		"identity only warns": {"node-identity", func(f *doctor.Facts) { f.IdentityBinding.Value.Spec.ValidationActions[0] = "Warn" }, doctor.Problem, "does not deny"},
		"not reached":         {"reachability", func(f *doctor.Facts) { f.DryRun = seen([]corev1.Taint(nil)) }, doctor.Problem, "did not get the taint bgp-unpeered"},
		"tainted by another":  {"reachability", func(f *doctor.Facts) { f.DryRun.Value[0].TimeAdded = nil }, doctor.Problem, "but not from the webhook"},
		"no endpoints":        {"reachability", func(f *doctor.Facts) { f.DryRun.Err, f.Endpoints.Value = errors.New("refused"), nil }, doctor.Problem, "has no ready endpoint"},
		"refused by the webhook": {"reachability", func(f *doctor.Facts) {
			f.DryRun = doctor.Seen[[]corev1.Taint]{Err: errors.New(`failed calling webhook "node-taint.peergate.dev"`)}
		}, doctor.Problem, "refuses every new node"},
		"another taint": {"taint", func(f *doctor.Facts) { f.Manager.Value = managerDeployment("--taint", "other:NoExecute") }, doctor.Problem, "the manager runs with --taint=other:NoExecute"},
		"not tolerated": {"taint", func(f *doctor.Facts) { f.Manager.Value.Spec.Template.Spec.Tolerations = nil }, doctor.Problem, "own pods do not tolerate"},
		"tolerated with another effect": {"taint", func(f *doctor.Facts) {
			f.Manager.Value.Spec.Template.Spec.Tolerations[0].Effect = corev1.TaintEffectNoExecute
		}, doctor.Problem, "own pods do not tolerate the taint bgp-unpeered:NoSchedule"},
		"a policy with another taint": {"taint", func(f *doctor.Facts) { f.MutatingPolicy = seen(taintingPolicy("other")) }, doctor.Problem,
			"MutatingAdmissionPolicy node-taint.peergate.dev does not name the taint bgp-unpeered"},
		"guards may not be read": {"taint", func(f *doctor.Facts) {
			f.Validating = doctor.Seen[*admissionregistrationv1.ValidatingWebhookConfiguration]{Err: errors.New("you lack a right")}
		}, doctor.Unchecked, "you lack a right"},
		"not guarded":        {"taint", func(f *doctor.Facts) { f.Validating.Value.Webhooks[0].MatchConditions = nil }, doctor.Problem, "not guarded is the taint bgp-unpeered, by webhook node-guard.peergate.dev"},
		"this clock":         {"clocks", func(f *doctor.Facts) { f.Local = now.Add(time.Minute) }, doctor.Warning, "the clock of this machine is 60s ahead of"},
		"the leader's clock": {"clocks", func(f *doctor.Facts) { renewed(f, 10*time.Second) }, doctor.Warning, "the clock of the leader is 10s ahead of"},
		"a node's clock":     {"clocks", func(f *doctor.Facts) { f.NodeLeases = seen([]coordinationv1.Lease{nodeLease("n", 2*time.Hour)}) }, doctor.Warning, "node n is 120m ahead of"},
		"a node's clock, slow": {"clocks", func(f *doctor.Facts) {
			f.NodeLeases = seen([]coordinationv1.Lease{nodeLease("leviathan1", -time.Hour)})
		}, doctor.Warning, "node leviathan1 is 60m behind"},
		"a silent router": {"routers", status(func(s *report.Status) {
			s.Routers[0].Reachable, s.Routers[0].Reason, s.Routers[0].Message = metav1.ConditionFalse, "HostKeyMismatch", "expected a, got b"
		}), doctor.Problem, "router edge gives no answer (HostKeyMismatch): expected a, got b"},
		"a new router":       {"routers", status(func(s *report.Status) { s.Routers[0].Reachable = metav1.ConditionUnknown }), doctor.Warning, "has not been asked yet"},
		"BMP":                {"bmp", status(func(s *report.Status) { s.Routers[0].BMP = "ConnectionLost" }), doctor.Warning, "router edge does not tell of its sessions by itself (ConnectionLost)"},
		"families":           {"families", status(func(s *report.Status) { s.Policies[0].FamiliesUnknown = "router edge does not say" }), doctor.Problem, "cannot know: router edge does not say"},
		"an idle router":     {"idle-routers", status(func(s *report.Status) { s.Routers[0].Nodes = 0 }), doctor.Warning, "router edge serves no node"},
		"an unserved node":   {"unserved-nodes", status(func(s *report.Status) { s.NodeList[0].Routers = nil }), doctor.Problem, "takes node leviathan1"},
		"stray neighbors":    {"stray-neighbors", status(func(s *report.Status) { s.Routers[0].StrayNeighbors = 3 }), doctor.Note, "router edge has 3 neighbors that are no node"},
		"a guard":            {"disruption-guard", status(func(s *report.Status) { s.Policies[0].Guarding = true }), doctor.Problem, "guard of policy default has tripped"},
		"an idle policy":     {"idle-policies", status(func(s *report.Status) { s.Policies[0].Selects = 0 }), doctor.Warning, "policy default selects no node"},
		"no policy":          {"idle-policies", status(func(s *report.Status) { s.Policies = nil }), doctor.Warning, "there is no PeeringPolicy"},
		"two policies":       {"overlapping-policies", status(func(s *report.Status) { s.NodeList[0].Policies = []string{"a", "b"} }), doctor.Note, "policies a and b together select node leviathan1"},
		"an orphaned taint":  {"orphaned-taints", status(func(s *report.Status) { s.NodeList[0].Policies, s.NodeList[0].Tainted = nil, true }), doctor.Problem, "the taint bgp-unpeered is on node leviathan1"},
		"an autoscaler":      {"cluster-autoscaler", autoscaler(), doctor.Warning, "cluster-autoscaler kube-system/ca does not know the taint bgp-unpeered"},
		"a NodePool":         {"karpenter", pool(), doctor.Warning, "NodePool general does not know the taint bgp-unpeered"},
		"another's startup":  {"karpenter", pool("cilium"), doctor.Warning, "NodePool general"},
		"a descheduler":      {"descheduler", evicting("v2"), doctor.Warning, "ConfigMap kube-system/descheduler evicts"},
		"an old descheduler": {"descheduler", evicting("v1"), doctor.Warning, "ConfigMap kube-system/descheduler evicts"},
		"a speaker": {"speakers", func(f *doctor.Facts) { f.DaemonSets = seen([]appsv1.DaemonSet{speakerOfMetalLB()}) },
			doctor.Problem, "DaemonSet metallb-system/speaker (MetalLB speaker) does not tolerate the taint bgp-unpeered"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			facts := healthy(t)
			test.do(&facts)
			found := doctor.Examine(facts, test.check).Findings
			if !slices.ContainsFunc(found, func(f doctor.Finding) bool { return f.Level == test.level && strings.Contains(f.Message, test.words) }) {
				t.Errorf("found %+v, want %s with %q", found, test.level, test.words)
			}
			for _, f := range found {
				if f.Level != doctor.OK && f.Level != doctor.Unchecked && f.Fix == "" {
					t.Errorf("it does not say what to do: %+v", f)
				}
			}
		})
	}
}

func renewed(f *doctor.Facts, off time.Duration) {
	at := metav1.NewMicroTime(now.Add(off))
	f.Lease.Value.Spec.RenewTime = &at
}

func autoscaler(args ...string) func(*doctor.Facts) {
	return func(f *doctor.Facts) {
		f.Deployments = seen([]appsv1.Deployment{deployment("kube-system", "ca", "registry.k8s.io/autoscaling/cluster-autoscaler:v1.36.1", args...)})
	}
}

func pool(startup ...string) func(*doctor.Facts) {
	return func(f *doctor.Facts) {
		p := unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"name": "general"}}}
		var taints []any
		for _, key := range startup {
			taints = append(taints, map[string]any{"key": key, "effect": "NoSchedule"})
		}
		_ = unstructured.SetNestedSlice(p.Object, taints, "spec", "template", "spec", "startupTaints")
		f.NodePools = seen([]unstructured.Unstructured{p})
	}
}

func evicting(name string) func(*doctor.Facts) {
	return func(f *doctor.Facts) {
		document, err := os.ReadFile(filepath.Join("testdata", "descheduler-"+name+".yaml"))
		if err != nil {
			panic(err)
		}
		f.Deschedulers = seen([]doctor.DeschedulerPolicy{{Namespace: "kube-system", ConfigMap: "descheduler", Documents: []string{string(document)}}})
	}
}

func speakerOfMetalLB() appsv1.DaemonSet {
	d := appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{
		Namespace: "metallb-system", Name: "speaker", Labels: map[string]string{"app": "metallb", "component": "speaker"},
	}}
	d.Spec.Template.Labels = d.Labels
	d.Spec.Template.Spec.Containers = []corev1.Container{{Image: "quay.io/metallb/speaker:v0.16.1"}}
	return d
}

// TestKnowing: what has been told of the taint, in any of the ways there are, is not complained of.
func TestKnowing(t *testing.T) {
	withKey := func(key string, do func(*doctor.Facts)) func(*doctor.Facts) {
		return func(f *doctor.Facts) {
			do(f)
			f.Taint.Key = key
		}
	}
	tests := map[string]wrong{
		"a flag":                                  {check: "cluster-autoscaler", do: autoscaler("--startup-taint=bgp-unpeered")},
		"a flag in two words":                     {check: "cluster-autoscaler", do: autoscaler("--startup-taint", "bgp-unpeered")},
		"the old flag":                            {check: "cluster-autoscaler", do: autoscaler("--ignore-taint=other", "--ignore-taint=bgp-unpeered")},
		"a prefix that is told":                   {check: "cluster-autoscaler", do: autoscaler("--startup-taint-prefix=bgp-")},
		"a prefix that is known":                  {check: "cluster-autoscaler", do: withKey("startup-taint.cluster-autoscaler.kubernetes.io/bgp", autoscaler())},
		"no autoscaler":                           {check: "cluster-autoscaler", do: func(f *doctor.Facts) { f.Deployments = seen([]appsv1.Deployment{{}}) }},
		"the policy's taint":                      {check: "taint", do: func(f *doctor.Facts) { f.MutatingPolicy = seen(taintingPolicy("bgp-unpeered")) }},
		"a leader, by a clock here that is ahead": {check: "manager", do: func(f *doctor.Facts) { f.Local = now.Add(time.Hour) }},
		"a certificate, by a clock here that is":  {check: "certificate", do: func(f *doctor.Facts) { f.Local = now.Add(3000 * time.Hour) }},
		"a CA, by a clock here that is":           {check: "webhooks", do: func(f *doctor.Facts) { f.Local = now.Add(100000 * time.Hour) }},
		"startupTaints":                           {check: "karpenter", do: pool("cilium", "bgp-unpeered")},
		"Karpenter's own prefix":                  {check: "karpenter", do: withKey("readiness.k8s.io/bgp", pool())},
		"excluded, v1alpha2":                      {check: "descheduler", do: evicting("v2-excluded")},
		"excluded, v1alpha1":                      {check: "descheduler", do: evicting("v1-excluded")},
		"others included":                         {check: "descheduler", do: evicting("v2-included")},
		"the plugin is not enabled":               {check: "descheduler", do: evicting("v2-disabled")},
		"a file that is no policy":                {check: "descheduler", do: evicting("nonsense")},
		"BMP that streams":                        {check: "bmp", do: func(f *doctor.Facts) { r := &f.Status.Value.Routers[0]; r.BMP, r.BMPConnected = "Streaming", true }},
		"an exempt unserved node":                 {check: "unserved-nodes", do: func(f *doctor.Facts) { n := &f.Status.Value.NodeList[0]; n.Routers, n.State = nil, verdict.Exempt }},
		"other descriptions": {check: "definitions", do: func(f *doctor.Facts) {
			vrf := spec(f, 0).Properties["vrf"]
			vrf.Description, vrf.Default = "Other words.", &apiextensionsv1.JSON{Raw: []byte(` "default" `)}
			spec(f, 0).Properties["vrf"] = vrf
		}},
		"a policy for the webhook":  {check: "webhooks", do: func(f *doctor.Facts) { f.Mutating.Value, f.MutatingPolicy.Value = nil, taintingPolicy("bgp-unpeered") }},
		"a slow node that is away":  {check: "clocks", do: func(f *doctor.Facts) { f.NodeLeases = seen([]coordinationv1.Lease{nodeLease("gone", -time.Hour)}) }},
		"a manager without --taint": {check: "taint", do: func(f *doctor.Facts) { f.Manager.Value = managerDeployment("--leader-elect") }},
		"an endpoint that does not say whether it is ready": {check: "reachability", level: doctor.Unchecked, do: func(f *doctor.Facts) {
			f.DryRun.Err, f.Endpoints.Value[0].Endpoints[0].Conditions.Ready = errors.New("refused"), nil
		}},
		"a certificate not readable": {check: "certificate", do: func(f *doctor.Facts) { f.Serving.Value.Chain = nil }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			facts := healthy(t)
			test.do(&facts)
			for _, f := range doctor.Examine(facts, test.check).Findings {
				if f.Level != doctor.OK && f.Level != test.level {
					t.Errorf("it is %s: %s", f.Level, f.Message)
				}
			}
		})
	}
}

// TestUnchecked: a check that lacks a right says which, and those that do not are made.
func TestUnchecked(t *testing.T) {
	facts := healthy(t)
	facts.Definitions.Err = &access.Denied{Missing: []access.Right{{
		Verb: "get", GroupResource: schema.GroupResource{Group: "apiextensions.k8s.io", Resource: "customresourcedefinitions"},
	}}}
	facts.DryRun.Err = fmt.Errorf("creating a Node in a dry run: %w", &access.Denied{Missing: []access.Right{{Verb: "create", GroupResource: schema.GroupResource{Resource: "nodes"}}}})
	facts.DryRun.Value = nil
	var got []string
	r := doctor.Examine(facts)
	for _, f := range r.Findings {
		if f.Level == doctor.Unchecked {
			got = append(got, f.Check+": "+f.Message)
		}
	}
	want := []string{
		"definitions: not checked: you lack the verb get on customresourcedefinitions.apiextensions.k8s.io (ClusterRole peergate-cli has it)",
		"reachability: not checked: creating a Node in a dry run: you lack the verb create on nodes",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what was not checked (-want +got):\n%s", diff)
	}
	if !r.Healthy() || len(r.Findings) != len(doctor.Names()) {
		t.Errorf("%d findings of %d checks, healthy: %t", len(r.Findings), len(doctor.Names()), r.Healthy())
	}
}

func TestPrints(t *testing.T) {
	facts := healthy(t)
	facts.Serving.Value.NotAfter = now.Add(-time.Hour)
	facts.Status.Value.Routers[0].StrayNeighbors = 2
	facts.DaemonSets = seen([]appsv1.DaemonSet{speakerOfMetalLB()})
	facts.Manager.Err = errors.New("of two lines,\nthe second")
	facts.Lacking.Err = &access.Denied{Missing: []access.Right{{Verb: "get", GroupResource: schema.GroupResource{Group: "rbac.authorization.k8s.io", Resource: "clusterroles"}}}}
	pool("cilium")(&facts)
	autoscaler()(&facts)
	found := doctor.Examine(facts)
	for ending, format := range map[string]string{"txt": "", "wide.txt": "wide", "json": "json", "yaml": "yaml", "name.txt": "name"} {
		golden(t, "findings."+ending, found, report.View{Format: format, Now: now})
	}
	golden(t, "findings.colour.txt", found, report.View{Now: now, Style: terminal.Style{Colour: true}})
	golden(t, "healthy.txt", doctor.Examine(healthy(t)), report.View{Now: now})
}

// TestEachCheckIsNamedOnce, though it may find a problem and a warning, and others problems between the two.
func TestEachCheckIsNamedOnce(t *testing.T) {
	facts := healthy(t)
	facts.Manager.Value.Status.ReadyReplicas = 1
	renewed(&facts, -time.Minute)
	facts.Status.Value.Policies[0].Guarding, facts.Status.Value.Policies[0].Selects = true, 0
	var got bytes.Buffer
	if err := doctor.Examine(facts).Print(&got, report.View{Format: report.FormatName, Now: now}); err != nil {
		t.Fatal(err)
	}
	if want := "manager\ndisruption-guard\nidle-policies\n"; got.String() != want {
		t.Errorf("it names %q, want %q", got.String(), want)
	}
}

func golden(t *testing.T, name string, r doctor.Report, v report.View) {
	t.Helper()
	var got bytes.Buffer
	if err := r.Print(&got, v); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
