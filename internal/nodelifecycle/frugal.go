package nodelifecycle

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Frugal returns a client that is answered to a patch of a Node with its metadata alone, which is all that is read of the
// answer: the dozens of images of a Node would be most of what a storm of releases has the garbage collector do.
func Frugal(c client.Client) client.Client { return frugal{c} }

type frugal struct{ client.Client }

func (f frugal) Patch(ctx context.Context, o client.Object, patch client.Patch, options ...client.PatchOption) error {
	return metadataOnly(o, func(o client.Object) error { return f.Client.Patch(ctx, o, patch, options...) })
}

func (f frugal) Status() client.SubResourceWriter { return frugalStatus{f.Client.Status()} }

type frugalStatus struct{ client.SubResourceWriter }

func (f frugalStatus) Patch(ctx context.Context, o client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
	return metadataOnly(o, func(o client.Object) error { return f.SubResourceWriter.Patch(ctx, o, patch, options...) })
}

// metadataOnly calls patch with the metadata of a Node in place of the Node, and with any other object as it is.
func metadataOnly(o client.Object, patch func(client.Object) error) error {
	node, ok := o.(*corev1.Node)
	if !ok {
		return patch(o)
	}
	partial := &metav1.PartialObjectMetadata{ObjectMeta: node.ObjectMeta}
	partial.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Node"))
	if err := patch(partial); err != nil {
		return err
	}
	node.ObjectMeta = partial.ObjectMeta
	return nil
}
