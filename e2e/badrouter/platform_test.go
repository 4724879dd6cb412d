package badrouter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/routerclient"
)

// TestUnknownPlatform has a platform get past the webhook that this manager has no driver for, as after a downgrade.
func TestUnknownPlatform(t *testing.T) {
	s := newScene(t)
	if err := s.setPlatform("Nonesuch"); !apierrors.IsInvalid(err) {
		t.Errorf("the webhook answers to an unknown platform: %v", err)
	}
	removeWebhook(s.Story, "bgprouter.peergate.dev")
	s.endure(fault{
		breakage{
			strike: func(s *scene) {
				s.Eventually("the API server forgets the webhook", func(context.Context) error { return s.setPlatform("Nonesuch") })
			},
			mend: func(s *scene) {
				if err := s.setPlatform("FRR"); err != nil {
					s.Fatal(err)
				}
			},
		},
		unknown{routerclient.ReasonPlatformUnknown, []string{"spec.platform", `"Nonesuch"`, "EdgeOS", "FRR"}}, false,
	})
}

// setPlatform changes the BGPRouter's platform.
func (s *scene) setPlatform(platform string) error {
	old := s.bgpRouter()
	router := old.DeepCopy()
	router.Spec.Platform = platform
	return s.Client.Patch(s.Context(), router, client.MergeFrom(old))
}

// removeWebhook removes a validating webhook until the end of the test.
func removeWebhook(s *story.Story, name string) {
	s.Helper()
	configuration := &admissionv1.ValidatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: "peergate"}}
	if err := s.Client.Get(s.Context(), client.ObjectKeyFromObject(configuration), configuration); err != nil {
		s.Fatal(err)
	}
	for _, w := range configuration.Webhooks {
		if w.Name == name {
			patchWebhook(s, configuration, map[string]string{"$patch": "delete", "name": name})
			s.Cleanup(func() { patchWebhook(s, configuration, w) })
			return
		}
	}
	s.Fatalf("there is no webhook %s", name)
}

func patchWebhook(s *story.Story, configuration *admissionv1.ValidatingWebhookConfiguration, webhook any) {
	s.Helper()
	patch, err := json.Marshal(map[string]any{"webhooks": []any{webhook}})
	if err == nil {
		err = s.Client.Patch(context.Background(), configuration.DeepCopy(), client.RawPatch(types.StrategicMergePatchType, patch))
	}
	if err != nil {
		s.Fatal(fmt.Errorf("changing a webhook: %w", err))
	}
}
