package webhooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/webhooks"
)

var (
	noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	// gate is the taint as the webhook gives it.
	gate = corev1.Taint{Key: "bgp-unpeered", Effect: corev1.TaintEffectNoSchedule, TimeAdded: &metav1.Time{Time: noon}}
)

// TestNewNode: what becomes of a Node, everything else of it included.
func TestNewNode(t *testing.T) {
	other := corev1.Taint{Key: "node.kubernetes.io/not-ready", Effect: corev1.TaintEffectNoSchedule}
	tests := map[string]struct {
		user string
		raw  string
		node corev1.Node
		want corev1.Node
	}{
		"a node": {"system:node:n", "", corev1.Node{}, corev1.Node{Spec: corev1.NodeSpec{Taints: []corev1.Taint{gate}}}},
		"without a spec": {
			"system:node:n", `{"metadata":{"name":"n"}}`, corev1.Node{}, corev1.Node{Spec: corev1.NodeSpec{Taints: []corev1.Taint{gate}}},
		},
		"with a taint of another": {
			"system:node:n", "", corev1.Node{Spec: corev1.NodeSpec{Taints: []corev1.Taint{other}, PodCIDR: "10.0.0.0/24"}},
			corev1.Node{Spec: corev1.NodeSpec{Taints: []corev1.Taint{other, gate}, PodCIDR: "10.0.0.0/24"}},
		},
		"that exempts itself": {
			"system:node:n", "", annotated(v1alpha1.AnnotationExempt, "me", "example.org/a~b", "kept"),
			corev1.Node{
				ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"example.org/a~b": "kept"}},
				Spec:       corev1.NodeSpec{Taints: []corev1.Taint{gate}},
			},
		},
		"that somebody exempts who may": {
			"may", "", annotated(v1alpha1.AnnotationExempt, "a test"), annotated(v1alpha1.AnnotationExempt, "a test"),
		},
		"from a backup": {
			"may", "", annotated(v1alpha1.AnnotationConfirmedAt, "2026-01-01T00:00:00Z", v1alpha1.AnnotationReopenedAt, "2026-01-02T00:00:00Z"),
			corev1.Node{
				ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{}}, Spec: corev1.NodeSpec{Taints: []corev1.Taint{gate}},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.node.Name, test.want.Name = "n", "n"
			raw := []byte(test.raw)
			if test.raw == "" {
				raw = encoded(t, &test.node)
			}
			got := patched(t, raw, handle(t, test.user, raw))
			if diff := cmp.Diff(string(encoded(t, &test.want)), string(encoded(t, got))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestNodeIsRefused: one who may not exempt a node is told so, with the status that kubectl shows. That it could not be
// asked is another status, and lets nothing pass.
func TestNodeIsRefused(t *testing.T) {
	node := annotated(v1alpha1.AnnotationExempt, "please")
	guard := admission.WithValidator(nodeScheme(), &webhooks.NodeValidator{Taint: gate, Access: reviews()})
	update := func(user string) admission.Response {
		return guard.Handle(t.Context(), admission.Request{AdmissionRequest: admissionv1.AdmissionRequest{
			Operation: admissionv1.Update, UserInfo: authenticationv1.UserInfo{Username: user},
			Object: runtime.RawExtension{Raw: encoded(t, &node)}, OldObject: runtime.RawExtension{Raw: encoded(t, new(annotated()))},
		}})
	}
	if response := update("may"); !response.Allowed {
		t.Errorf("one who may was answered %+v", response)
	}
	tests := map[string]struct {
		code    int32
		reason  metav1.StatusReason
		message string
	}{
		"anybody": {http.StatusForbidden, metav1.StatusReasonForbidden, `changing annotation peergate.dev/exempt: user "anybody" lacks the verb "exempt" on peeringpolicies.peergate.dev`},
		"unknown": {http.StatusInternalServerError, metav1.StatusReasonInternalError, `changing annotation peergate.dev/exempt of node n: asking whether user "unknown" may: etcdserver: request timed out`},
	}
	for user, want := range tests {
		for operation, response := range map[string]admission.Response{"CREATE": handle(t, user, encoded(t, &node)), "UPDATE": update(user)} {
			if result := response.Result; response.Allowed || result.Code != want.code || result.Reason != want.reason || !strings.Contains(result.Message, want.message) {
				t.Errorf("%s by %s was answered %+v, want %+v", operation, user, result, want)
			}
		}
	}
	if response := handle(t, "anybody", []byte(`{"metadata":7}`)); response.Allowed || response.Result.Code != http.StatusBadRequest {
		t.Errorf("of what is no Node, answered %+v", response)
	}
}

func annotated(pairs ...string) corev1.Node {
	n := corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", Annotations: map[string]string{}}}
	for i := 0; i < len(pairs); i += 2 {
		n.Annotations[pairs[i]] = pairs[i+1]
	}
	return n
}

func encoded(t testing.TB, node *corev1.Node) []byte {
	t.Helper()
	raw, err := json.Marshal(node)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// handle asks for a CREATE. User "may" has the verb exempt; names that begin with system:node: are nodes.
func handle(t testing.TB, user string, raw []byte) admission.Response {
	t.Helper()
	request := admission.Request{AdmissionRequest: admissionv1.AdmissionRequest{
		Operation: admissionv1.Create, UserInfo: authenticationv1.UserInfo{Username: user}, Object: runtime.RawExtension{Raw: raw},
	}}
	if user == "system:node:n" {
		request.UserInfo.Groups = []string{"system:nodes"}
	}
	return webhooks.NodeHandler{Defaulter: defaulter()}.Handle(t.Context(), request)
}

func defaulter() *webhooks.NodeDefaulter {
	return &webhooks.NodeDefaulter{
		Taint: corev1.Taint{Key: gate.Key, Effect: gate.Effect}, Clock: clocktesting.NewFakePassiveClock(noon), Access: reviews(),
	}
}

// reviews are answered for user "may", who may, and for all others but "unknown", of whom nobody can say.
func reviews() webhooks.Access {
	answer := interceptor.Funcs{Create: func(_ context.Context, _ client.WithWatch, o client.Object, _ ...client.CreateOption) error {
		review := o.(*authorizationv1.SubjectAccessReview)
		if review.Spec.User == "unknown" {
			return errors.New("etcdserver: request timed out")
		}
		review.Status.Allowed = review.Spec.User == "may"
		return nil
	}}
	return webhooks.Access{Client: fake.NewClientBuilder().WithInterceptorFuncs(answer).Build()}
}

// patched is what the API server makes of a Node and the answer.
func patched(t testing.TB, raw []byte, response admission.Response) *corev1.Node {
	t.Helper()
	if !response.Allowed {
		t.Fatalf("refused: %+v", response.Result)
	}
	if len(response.Patch) > 0 {
		patch, err := jsonpatch.DecodePatch(response.Patch)
		if err == nil {
			raw, err = patch.Apply(raw)
		}
		if err != nil {
			t.Fatalf("applying %s: %v", response.Patch, err)
		}
	}
	node := &corev1.Node{}
	if err := json.Unmarshal(raw, node); err != nil {
		t.Fatal(err)
	}
	return node
}

// BenchmarkNewNode is about a Node with the 50 images that a kubelet reports at most by default.
func BenchmarkNewNode(b *testing.B) {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}}
	for i := range 50 {
		node.Status.Images = append(node.Status.Images, corev1.ContainerImage{Names: []string{
			fmt.Sprintf("registry.example.org/team/application-%d@sha256:%064d", i, i), fmt.Sprintf("registry.example.org/team/application-%d:v1.0.0", i),
		}})
	}
	raw := encoded(b, node)
	handlers := map[string]admission.Handler{
		"own":                webhooks.NodeHandler{Defaulter: defaulter()},
		"controller-runtime": admission.WithDefaulter(nodeScheme(), defaulter()).Handler,
	}
	request := admission.Request{AdmissionRequest: admissionv1.AdmissionRequest{
		Operation: admissionv1.Create, Object: runtime.RawExtension{Raw: raw},
	}}
	for name, handler := range handlers {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if response := handler.Handle(b.Context(), request); !response.Allowed {
					b.Fatal(response.Result)
				}
			}
		})
	}
}

func nodeScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		panic(err) // one registration of each kind
	}
	return scheme
}
