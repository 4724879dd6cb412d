package explore

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	// The API server applies JSON Patches with this very version.
	jsonpatch "gopkg.in/evanphx/json-patch.v4"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/webhooks"
)

// The users of the API server.
const (
	manager       = "system:serviceaccount:peergate-system:peergate-manager"
	kubelet       = "system:node:n1"
	administrator = "administrator"
	// competitor is a controller of somebody else, which may write Nodes and may not exempt them.
	competitor = "system:serviceaccount:other:other"
)

// apiServer keeps Nodes as the API server does. What it keeps is never modified, only replaced.
type apiServer struct {
	clock    *clocktesting.FakePassiveClock
	nodes    map[string]*corev1.Node
	policies []v1alpha1.PeeringPolicy
	// definition is that of the policies; there is one of the routers at all times.
	definition definition
	routers    []v1alpha1.BGPRouter
	version    int
	created    int

	// webhooksAway is true while no webhook answers; their failurePolicy is Ignore.
	webhooksAway bool
	defaulter    webhooks.NodeDefaulter
	validator    webhooks.NodeValidator

	memo *memo
	// written is told of every write to a Node that changed it.
	written func(user string, before, after *corev1.Node)
}

func newAPIServer(clock *clocktesting.FakePassiveClock, memo *memo) *apiServer {
	access := webhooks.Access{Client: reviewer{}}
	return &apiServer{
		clock: clock, memo: memo, nodes: map[string]*corev1.Node{}, definition: definition{createdAt: start.Add(-time.Hour)},
		routers:   []v1alpha1.BGPRouter{{ObjectMeta: metav1.ObjectMeta{Name: edge}}},
		defaulter: webhooks.NodeDefaulter{Taint: ownTaint, Clock: clock, Access: access},
		validator: webhooks.NodeValidator{Taint: ownTaint, Access: access},
	}
}

// reviewer answers SubjectAccessReviews: administrators may exempt, and the manager.
type reviewer struct{ client.Client }

func (reviewer) Create(_ context.Context, o client.Object, _ ...client.CreateOption) error {
	review := o.(*authorizationv1.SubjectAccessReview)
	review.Status.Allowed = review.Spec.User == administrator || review.Spec.User == manager
	return nil
}

// create is POST.
func (s *apiServer) create(user string, node *corev1.Node) error {
	if _, ok := s.nodes[node.Name]; ok {
		return apierrors.NewAlreadyExists(corev1.Resource("nodes"), node.Name)
	}
	node = node.DeepCopy()
	s.created++
	node.UID = types.UID(strconv.Itoa(s.created))
	node.CreationTimestamp = metav1.NewTime(s.clock.Now().Truncate(time.Second))
	if !s.webhooksAway {
		if err := s.defaulter.Default(admissionContext(user), node); err != nil {
			return err
		}
	}
	node.ResourceVersion = strconv.Itoa(s.version + 1)
	node, err := s.memo.inPrecision(node)
	if err != nil {
		return err
	}
	s.store(user, nil, node)
	return nil
}

func (s *apiServer) delete(name string) { delete(s.nodes, name) }

// put is PUT. A resource version, if there is one, is a lock.
func (s *apiServer) put(user string, node *corev1.Node) error {
	return s.update(user, node.Name, func(old *corev1.Node) (*corev1.Node, error) {
		return s.kept(old, node.DeepCopy())
	})
}

// patch is PATCH of a Node, or of its subresource status.
func (s *apiServer) patch(user, name string, kind types.PatchType, patch []byte, status bool) (*corev1.Node, error) {
	err := s.update(user, name, func(old *corev1.Node) (*corev1.Node, error) {
		return s.memo.patched(patching{old, kind, string(patch), status, s.version}, func() (*corev1.Node, error) {
			next, err := patched(old, kind, patch)
			if err != nil {
				return nil, err
			}
			if status {
				next.Spec = old.Spec
			} else {
				next.Status = old.Status
			}
			return s.kept(old, next)
		})
	})
	if err != nil {
		return nil, err
	}
	return s.nodes[name].DeepCopy(), nil
}

func patched(old *corev1.Node, kind types.PatchType, patch []byte) (*corev1.Node, error) {
	before, err := json.Marshal(old)
	if err != nil {
		return nil, err
	}
	var after []byte
	switch kind {
	case types.JSONPatchType:
		after, err = applyJSONPatch(before, patch)
	case types.MergePatchType:
		after, err = jsonpatch.MergePatch(before, patch)
	case types.StrategicMergePatchType:
		after, err = strategicpatch.StrategicMergePatch(before, patch, corev1.Node{})
	default:
		err = fmt.Errorf("a patch of type %s", kind)
	}
	if err != nil {
		return nil, err
	}
	next := &corev1.Node{}
	return next, json.Unmarshal(after, next)
}

func applyJSONPatch(before, patch []byte) ([]byte, error) {
	operations, err := jsonpatch.DecodePatch(patch)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	after, err := operations.Apply(before)
	if err != nil {
		return nil, apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", err.Error(), 0, false)
	}
	return after, nil
}

// kept is what is kept of a write, or the old Node itself if the write changes nothing.
func (s *apiServer) kept(old, next *corev1.Node) (*corev1.Node, error) {
	if next.UID != old.UID {
		return nil, apierrors.NewInvalid(schema.GroupKind{Kind: "Node"}, old.Name, nil)
	}
	if next.ResourceVersion != "" && next.ResourceVersion != old.ResourceVersion {
		return nil, apierrors.NewConflict(corev1.Resource("nodes"), old.Name, nil)
	}
	next.ResourceVersion = old.ResourceVersion
	if equality.Semantic.DeepEqual(old, next) {
		return old, nil
	}
	next.ResourceVersion = strconv.Itoa(s.version + 1)
	return s.memo.inPrecision(next)
}

func (s *apiServer) update(user, name string, change func(*corev1.Node) (*corev1.Node, error)) error {
	old, ok := s.nodes[name]
	if !ok {
		return apierrors.NewNotFound(corev1.Resource("nodes"), name)
	}
	next, err := change(old)
	if err != nil || next == old {
		return err
	}
	// By the webhook's matchConditions the manager's own writes, being those of one who may exempt, do not reach it.
	if user != manager && !s.webhooksAway {
		if _, err := s.validator.ValidateUpdate(admissionContext(user), old, next); err != nil {
			return err
		}
	}
	s.store(user, old, next)
	return nil
}

func (s *apiServer) store(user string, old, next *corev1.Node) {
	s.version++
	s.nodes[next.Name] = next
	s.written(user, old, next)
}

func (s *apiServer) names() []string { return slices.Sorted(maps.Keys(s.nodes)) }

func admissionContext(user string) context.Context {
	request := admission.Request{AdmissionRequest: admissionv1.AdmissionRequest{UserInfo: authenticationv1.UserInfo{Username: user}}}
	if user == kubelet {
		request.UserInfo.Groups = []string{"system:nodes"}
	}
	return admission.NewContextWithRequest(context.Background(), request)
}
