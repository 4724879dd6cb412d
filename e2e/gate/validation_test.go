package gate_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/peergate/peergate/api/v1alpha1"
)

// The smallest manifests that are accepted, on which those of the tests build.
const (
	goodRouter = `
address: 192.168.3.1
platform: EdgeOS
credentialsSecretRef: {name: edge}`
	goodPolicy = `{}`
)

// submit has the API server check, default and answer a manifest, and keep nothing. change replaces whole fields of
// the good spec; null removes one.
func submit(t *testing.T, c client.Client, kind, good, change string) (spec map[string]any, err error) {
	t.Helper()
	spec = parse(t, good)
	maps.Copy(spec, parse(t, change))
	maps.DeleteFunc(spec, func(_ string, value any) bool { return value == nil })
	object := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	object.SetName("submitted")
	err = c.Create(t.Context(), object, client.DryRunAll)
	spec, _ = object.Object["spec"].(map[string]any)
	return spec, err
}

func parse(t *testing.T, manifest string) map[string]any {
	t.Helper()
	fields := map[string]any{}
	if err := yaml.Unmarshal([]byte(manifest), &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

// rejection is a change of a good spec that must be refused.
type rejection struct {
	change string
	// field must be among the causes of the refusal.
	field string
	// says must be in what the cause, and so kubectl, says.
	says string
}

func testRejections(t *testing.T, kind, good string, rejections map[string]rejection) {
	s := suite.New(t)
	for name, r := range rejections {
		t.Run(name, func(t *testing.T) {
			_, err := submit(t, s.Client, kind, good, r.change)
			if !apierrors.IsInvalid(err) {
				t.Fatalf("the answer is %d %v, want 422 Invalid", apierrorCode(err), err)
			}
			causes := causesOf(err)
			if !slices.ContainsFunc(causes, func(c metav1.StatusCause) bool {
				return c.Field == r.field && strings.Contains(c.Message, r.says)
			}) {
				t.Errorf("no cause names %s and says %q:\n%s", r.field, r.says, err)
			}
			if !strings.Contains(err.Error(), r.field) || !strings.Contains(err.Error(), r.says) {
				t.Errorf("the message does not name %s and say %q:\n%s", r.field, r.says, err)
			}
		})
	}
}

func causesOf(err error) []metav1.StatusCause {
	if status, ok := err.(apierrors.APIStatus); ok && status.Status().Details != nil {
		return status.Status().Details.Causes
	}
	return nil
}

func TestRefusedBGPRouter(t *testing.T) {
	const forms = "must be a host name or an IP address, with an optional port from 1 to 65535"
	testRejections(t, "BGPRouter", goodRouter, map[string]rejection{
		"no address":                    {`address: null`, "spec.address", "Required value"},
		"empty address":                 {`address: ""`, "spec.address", "at least 1"},
		"address is a URL":              {`address: "https://192.168.3.1"`, "spec.address", forms},
		"address with a user":           {`address: admin@192.168.3.1`, "spec.address", forms},
		"address with a space":          {`address: "192.168.3.1 "`, "spec.address", forms},
		"address is a prefix":           {`address: 192.168.3.1/24`, "spec.address", forms},
		"address beyond 255":            {`address: 192.168.3.256`, "spec.address", forms},
		"address of three numbers":      {`address: 192.168.3`, "spec.address", forms},
		"address without a host":        {`address: ":22"`, "spec.address", forms},
		"brackets without a port":       {`address: "[fd00::1]"`, "spec.address", forms},
		"IPv6 with a port, bracketless": {`address: "fd00::12345"`, "spec.address", forms},
		"port 0":                        {`address: "192.168.3.1:0"`, "spec.address", forms},
		"port beyond 65535":             {`address: "192.168.3.1:65536"`, "spec.address", forms},
		"port by name":                  {`address: "192.168.3.1:ssh"`, "spec.address", forms},
		"no port after the colon":       {`address: "192.168.3.1:"`, "spec.address", forms},

		"no platform":                   {`platform: null`, "spec.platform", "Required value"},
		"unknown platform":              {`platform: Quagga`, "spec.platform", `supported values: "BIRD", "Cumulus", "EOS", "EdgeOS", "FRR"`},
		"platform in another case":      {`platform: edgeos`, "spec.platform", `"EdgeOS"`},
		"unknown transport":             {`transport: Telnet`, "spec.transport", `supported values: "SSH"`},
		"not that platform's transport": {`transport: SNMP`, "spec.transport", `supported values: "SSH"`},

		"no credentials":                {`credentialsSecretRef: null`, "spec.credentialsSecretRef", "Required value"},
		"nameless Secret":               {`credentialsSecretRef: {}`, "spec.credentialsSecretRef.name", "Required value"},
		"empty VRF":                     {`vrf: ""`, "spec.vrf", "at least 1"},
		"prefix without a shell":        {`{platform: IOS, commandPrefix: [sudo]}`, "spec.commandPrefix", "no shell"},
		"old SSH algorithms over HTTPS": {`{platform: OPNsense, legacyAlgorithms: true}`, "spec.legacyAlgorithms", "HTTPS"},
		"empty prefix word":             {`commandPrefix: [sudo, ""]`, "spec.commandPrefix[1]", "at least 1"},
		"selector's operator":           {`nodeSelector: {matchExpressions: [{key: rack, operator: Near, values: [a]}]}`, "spec.nodeSelector.matchExpressions[0].operator", "not a valid"},
		"selector's values":             {`nodeSelector: {matchExpressions: [{key: rack, operator: In}]}`, "spec.nodeSelector.matchExpressions[0].values", "must be specified"},
		"selector's key":                {`nodeSelector: {matchLabels: {"rack number": a}}`, "spec.nodeSelector.matchLabels", "name part must consist of"},

		"interval is no duration":     {`poll: {interval: soon}`, "spec.poll.interval", `"soon"`},
		"interval without a unit":     {`poll: {interval: "30"}`, "spec.poll.interval", `"30"`},
		"interval is a number":        {`poll: {interval: 30}`, "spec.poll.interval", "must be of type duration"},
		"interval in days":            {`poll: {interval: 1d}`, "spec.poll.interval", `"1d"`},
		"interval too short":          {`poll: {interval: 999ms, fastInterval: 500ms}`, "spec.poll.interval", "between 1s and 1h"},
		"interval too long":           {`poll: {interval: 61m, staleAfter: 2h}`, "spec.poll.interval", "between 1s and 1h"},
		"interval beyond all time":    {`poll: {interval: 5124095576h}`, "spec.poll.interval", "between 1s and 1h"},
		"interval of many units":      {`poll: {interval: 30s1000000000000000h}`, "spec.poll.interval", "between 1s and 1h"},
		"negative interval":           {`poll: {interval: -30s}`, "spec.poll.interval", "between 1s and 1h"},
		"fastInterval too short":      {`poll: {fastInterval: 99ms}`, "spec.poll.fastInterval", "at least 100ms"},
		"fastInterval above interval": {`poll: {fastInterval: 31s}`, "spec.poll.fastInterval", "no longer than interval"},
		"timeout too short":           {`poll: {timeout: 0s}`, "spec.poll.timeout", "between 1s and 5m"},
		"timeout too long":            {`poll: {timeout: 301s, staleAfter: 1h}`, "spec.poll.timeout", "between 1s and 5m"},
		"staleAfter before the next":  {`poll: {staleAfter: 39s}`, "spec.poll.staleAfter", "at least interval and timeout together"},

		"BMP from a name":               {`bmp: {sourceAddresses: [edge.example.net]}`, "spec.bmp.sourceAddresses[0]", "the IP address of one host"},
		"BMP from a prefix":             {`bmp: {sourceAddresses: [192.168.3.0/24]}`, "spec.bmp.sourceAddresses[0]", "the IP address of one host"},
		"BMP from anywhere":             {`bmp: {sourceAddresses: [192.168.3.1, "::"]}`, "spec.bmp.sourceAddresses[1]", "of one host"},
		"BMP from nobody knows":         {"address: edge.example.net\nbmp: {}", "spec.bmp.sourceAddresses", "spec.address is a host name"},
		"BMP over TLS of no Secret":     {`bmp: {tls: {}}`, "spec.bmp.tls.secretRef", "Required value"},
		"interval above the staleAfter": {`poll: {interval: 5m}`, "spec.poll.staleAfter", "at least interval and timeout together"},
	})
}

func TestRefusedPeeringPolicy(t *testing.T) {
	const share = `must be a number or a percentage: 2, "50%"`
	testRejections(t, "PeeringPolicy", goodPolicy, map[string]rejection{
		"minEstablished 0":           {`minEstablished: 0`, "spec.minEstablished", "at least 1"},
		"minEstablished 2^32+1":      {`minEstablished: 4294967297`, "spec.minEstablished", "at most 2147483647"},
		"maxUnpeered 2^32":           {`maxUnpeered: 4294967296`, "spec.maxUnpeered", "at most 2147483647"},
		"maxUnpeered 2^32%":          {`maxUnpeered: 4294967297%`, "spec.maxUnpeered", "at most 100%"},
		"minEstablished -1":          {`minEstablished: -1`, "spec.minEstablished", "at least 1"},
		"minEstablished 0%":          {`minEstablished: 0%`, "spec.minEstablished", "at least 1%"},
		"minEstablished 150%":        {`minEstablished: 150%`, "spec.minEstablished", "at most 100%"},
		"minEstablished abc":         {`minEstablished: abc`, "spec.minEstablished", share},
		"minEstablished is quoted":   {`minEstablished: "2"`, "spec.minEstablished", share},
		"minEstablished a fraction":  {`minEstablished: 12.5%`, "spec.minEstablished", share},
		"minEstablished 1.5":         {`minEstablished: 1.5`, "spec.minEstablished", "must be of type"},
		"maxUnpeered 101%":           {`maxUnpeered: 101%`, "spec.maxUnpeered", "at most 100%"},
		"maxUnpeered -1":             {`maxUnpeered: -1`, "spec.maxUnpeered", "at least 0"},
		"maxUnpeered half":           {`maxUnpeered: half`, "spec.maxUnpeered", share},
		"unknown families":           {`families: IPX`, "spec.families", `supported values: "Any"`},
		"unknown mode":               {`mode: Sometimes`, "spec.mode", `supported values: "Continuous", "Bootstrap", "Report"`},
		"unknown existingNodes":      {`existingNodes: Taint`, "spec.existingNodes", `supported values: "Report", "Hold"`},
		"lossGracePeriod no unit":    {`lossGracePeriod: "150"`, "spec.lossGracePeriod", `"150"`},
		"lossGracePeriod negative":   {`lossGracePeriod: -1s`, "spec.lossGracePeriod", "between 0s and 24h"},
		"lossGracePeriod above 24 h": {`lossGracePeriod: 24h1s`, "spec.lossGracePeriod", "between 0s and 24h"},
		"releaseAfter above 1 h":     {`releaseAfter: 61m`, "spec.releaseAfter", "between 0s and 1h"},
		"releaseAfter negative":      {`releaseAfter: -1s`, "spec.releaseAfter", "between 0s and 1h"},
		"flapDamping above 24 h":     {`flapDamping: 24h1s`, "spec.flapDamping", "between 0s and 24h"},
		"flapDamping negative":       {`flapDamping: -1s`, "spec.flapDamping", "between 0s and 24h"},
		"selector's operator":        {`nodeSelector: {matchExpressions: [{key: rack, operator: Near}]}`, "spec.nodeSelector.matchExpressions[0].operator", "not a valid"},
	})
}

// acceptance is a change of a good spec that must be accepted, and what becomes of it.
type acceptance struct {
	change string
	// filled is what the API server adds to the spec or makes of it.
	filled string
}

func testAcceptances(t *testing.T, kind, good, defaults string, acceptances map[string]acceptance) {
	s := suite.New(t)
	for name, a := range acceptances {
		t.Run(name, func(t *testing.T) {
			got, err := submit(t, s.Client, kind, good, a.change)
			if err != nil {
				t.Fatal(err)
			}
			want := parse(t, good)
			for _, layer := range []string{defaults, a.change, a.filled} {
				maps.Copy(want, parse(t, layer))
			}
			// Through YAML, for its idea of numbers.
			manifest, err := yaml.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, parse(t, string(manifest))); diff != "" {
				t.Errorf("spec (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAcceptedBGPRouter(t *testing.T) {
	const defaults = `
vrf: default
nodeSelector: {}
poll: {interval: 30s, fastInterval: 1s, timeout: 10s, staleAfter: 90s}`
	testAcceptances(t, "BGPRouter", goodRouter, defaults, map[string]acceptance{
		"smallest":                {},
		"IPv4 with a port":        {change: `address: "192.168.3.1:2222"`},
		"IPv6":                    {change: `address: "fd00::1"`},
		"IPv6 with a port":        {change: `address: "[fd00::1]:2222"`},
		"name":                    {change: `address: edge.example.net`},
		"name with a port":        {change: `address: "edge:2222"`},
		"name with a number":      {change: `address: tor-1.rack7`},
		"every platform":          {change: `platform: FRR`},
		"any VRF":                 {change: `vrf: "*"`},
		"part of poll":            {change: `poll: {interval: 10s}`, filled: `poll: {interval: 10s, fastInterval: 1s, timeout: 10s, staleAfter: 90s}`},
		"empty poll":              {change: `poll: {}`, filled: `poll: {interval: 30s, fastInterval: 1s, timeout: 10s, staleAfter: 90s}`},
		"poll at its limits":      {change: `poll: {interval: 1h, fastInterval: 1h, timeout: 5m, staleAfter: 65m}`},
		"BMP from the address":    {change: `bmp: {}`},
		"BMP from others":         {change: `bmp: {sourceAddresses: [10.0.0.1, "fd00::1"]}`},
		"BMP, and a port":         {change: "address: \"[fd00::1]:2222\"\nbmp: {}"},
		"BMP of a router by name": {change: "address: edge.example.net\nbmp: {sourceAddresses: [10.0.0.1]}"},
		"all that is optional": {change: `
vrf: blue
bmp: {sourceAddresses: [10.0.0.1], tls: {secretRef: {name: edge-bmp}}}
nodeSelector: {matchExpressions: [{key: rack, operator: In, values: [a, b]}]}
commandPrefix: [sudo, -n]
legacyAlgorithms: true
poll: {interval: 1s, fastInterval: 100ms, timeout: 1s, staleAfter: 2s}`},
	})
}

func TestAcceptedPeeringPolicy(t *testing.T) {
	const defaults = `
nodeSelector: {}
minEstablished: 100%
families: Any
mode: Continuous
lossGracePeriod: 150s
releaseAfter: 0s
flapDamping: 30m
maxUnpeered: 50%
existingNodes: Report`
	testAcceptances(t, "PeeringPolicy", goodPolicy, defaults, map[string]acceptance{
		"smallest":        {},
		"a number":        {change: "minEstablished: 1\nmaxUnpeered: 3"},
		"the least":       {change: "minEstablished: 1%\nmaxUnpeered: 0\nlossGracePeriod: 0s"},
		"zero percent":    {change: `maxUnpeered: 0%`},
		"the most":        {change: "maxUnpeered: 100%\nlossGracePeriod: 24h\nreleaseAfter: 1h\nflapDamping: 24h"},
		"nothing damped":  {change: `flapDamping: 0s`},
		"IPv4":            {change: `families: IPv4`},
		"IPv6":            {change: `families: IPv6`},
		"both":            {change: `families: All`},
		"all but default": {change: "mode: Bootstrap\nexistingNodes: Hold\nnodeSelector: {matchLabels: {rack: a}}"},
	})
}

// TestSpeclessPolicy is "every node, all the defaults" in its shortest form.
func TestSpeclessPolicy(t *testing.T) {
	s := suite.New(t)
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("PeeringPolicy"))
	object.SetName("submitted")
	if err := s.Client.Create(t.Context(), object, client.DryRunAll); err != nil {
		t.Fatal(err)
	}
	want, err := submit(t, s.Client, "PeeringPolicy", goodPolicy, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, object.Object["spec"]); diff != "" {
		t.Errorf("spec, against that of a policy with an empty one (-want +got):\n%s", diff)
	}
}

// TestUpdateIsValidated: what may not be created may not be made of something else either.
func TestUpdateIsValidated(t *testing.T) {
	s := suite.New(t)
	policy := s.Policy()
	router := s.Declare(s.NewRouter())
	for object, bad := range map[client.Object]rejection{
		policy: {`{"spec":{"minEstablished":"150%"}}`, "spec.minEstablished", "at most 100%"},
		router: {`{"spec":{"platform":"Quagga"}}`, "spec.platform", "supported values"},
	} {
		err := s.Client.Patch(t.Context(), object.DeepCopyObject().(client.Object), client.RawPatch("application/merge-patch+json", []byte(bad.change)))
		if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), bad.field) || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("patching %T: %v, want 422 that names %s and says %q", object, err, bad.field, bad.says)
		}
	}
}

// TestColumns is what kubectl get prints, and -o wide with those in brackets.
func TestColumns(t *testing.T) {
	s := suite.New(t)
	for resource, want := range map[string]string{
		"bgprouters":      "Name Address Platform Reachable Reason Established Down [Stray] [ASN] Age",
		"peeringpolicies": "Name Mode Peered Held Lost Reported [Exempt] Unknown Guard Age",
	} {
		t.Run(resource, func(t *testing.T) {
			if diff := cmp.Diff(want, strings.Join(s.Columns(resource), " ")); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
		})
	}
}
