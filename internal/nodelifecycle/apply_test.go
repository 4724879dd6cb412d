package nodelifecycle

import (
	"errors"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// TestRefusedWrites: what came too late is tried again at once and in silence, and nothing else is.
func TestRefusedWrites(t *testing.T) {
	nodes := schema.GroupResource{Resource: "nodes"}
	tooLong := field.ErrorList{field.TooLong(field.NewPath("metadata", "annotations"), "", 262144)}
	for name, test := range map[string]struct {
		err   error
		again time.Duration
		told  bool
	}{
		"the node is gone":            {apierrors.NewNotFound(nodes, "n1"), 0, false},
		"another UID":                 {apierrors.NewConflict(nodes, "n1", errors.New("precondition failed")), staleRetry, false},
		"other taints":                {apierrors.NewGenericServerResponse(422, "", schema.GroupResource{}, "", "testing value /spec/taints failed", 0, false), staleRetry, false},
		"annotations that are full":   {apierrors.NewInvalid(schema.GroupKind{Kind: "Node"}, "n1", tooLong), 0, true},
		"somebody's admission policy": {apierrors.NewForbidden(nodes, "n1", errors.New("no")), 0, true},
		"no API server":               {errors.New("connection refused"), 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			again, err := staleOr(test.err, "writing")
			if again != test.again || (err != nil) != test.told {
				t.Errorf("again after %s, error %v", again, err)
			}
			if test.told && !errors.Is(err, test.err) {
				t.Errorf("error %v does not wrap %v", err, test.err)
			}
		})
	}
}
