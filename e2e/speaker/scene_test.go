package speaker_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/bgp"
	"github.com/peergate/peergate/e2e/bgp/edgeos"
	"github.com/peergate/peergate/e2e/controlplane"
	"github.com/peergate/peergate/e2e/speaker/metallb"
	"github.com/peergate/peergate/e2e/story"
	"github.com/peergate/peergate/routerclient/routertest"
)

const (
	namespace = "metallb-system"
	asn       = 64512
)

var routerAddr = netip.MustParseAddr("127.0.27.1")

// scene is a cluster in which MetalLB is in use on one node, when another joins. The router has both as neighbors.
type scene struct {
	*story.Story
	router *bgp.Router
	// holder is the DaemonSet whose pods hold the sessions.
	holder string
	// old was there before Peergate looked after this cluster's nodes; joined comes after.
	old, joined string
}

// newScene applies a manifest of MetalLB, with components, and has the second node join once MetalLB runs on the first.
func newScene(t *testing.T, manifest, holder string, components ...string) *scene {
	t.Helper()
	s := &scene{Story: suite.New(t), holder: holder}
	s.old, s.joined = s.ID+"-old", s.ID+"-joined"
	s.startRouter("127.0.27.31", "127.0.27.33")
	s.Join(s.old, "127.0.27.31")
	s.apply(manifest, components...)
	s.runSpeaker(s.old, "127.0.27.31")

	s.Policy()
	s.EventuallyOpen(s.old)
	s.Join(s.joined, "127.0.27.33")
	return s
}

// startRouter starts live BGP behind EdgeOS's command line.
func (s *scene) startRouter(neighbors ...string) {
	s.Helper()
	var err error
	if s.router, err = bgp.ListenRouter(s.Context(), routerAddr, asn); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(s.router.Stop)
	for _, n := range neighbors {
		if err := s.router.AddNeighbor(s.Context(), netip.MustParseAddr(n), asn); err != nil {
			s.Fatal(err)
		}
	}
	cli := edgeos.CLI{Router: s.router, Clock: clock.RealClock{}}
	shell := routertest.NewServer(s, routertest.Options{User: story.RouterUser, Password: story.RouterPassword, Handler: cli.Run})
	s.Declare(&story.Router{Server: shell}, func(r *v1alpha1.BGPRouter, _ *corev1.Secret) { r.Spec.Platform = "EdgeOS" })
}

// apply applies a manifest as kubectl apply does. Its DaemonSets go with the test; the rest is alike in all of them.
func (s *scene) apply(manifest string, components ...string) {
	s.Helper()
	directory := s.TempDir()
	if err := metallb.Kustomization(directory, shipped(s, manifest), components...); err != nil {
		s.Fatal(err)
	}
	objects, err := controlplane.Kustomize(directory)
	if err != nil {
		s.Fatal(err)
	}
	if err := s.ApplyObjects(s.Context(), objects); err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		err := s.Client.DeleteAllOf(context.Background(), &appsv1.DaemonSet{}, client.InNamespace(namespace))
		if err != nil {
			s.Error(err)
		}
	})
}

func shipped(t testing.TB, name string) string {
	t.Helper()
	manifests, err := metallb.Manifests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range manifests {
		if strings.HasSuffix(file, "/"+name+".yaml") {
			return file
		}
	}
	t.Fatalf("MetalLB ships no %s among %v", name, manifests)
	return ""
}

// runSpeaker waits until the pod that holds a node's session runs there, and starts what would run in it.
func (s *scene) runSpeaker(node, address string) {
	s.Helper()
	s.Eventually("a pod of "+s.holder+" runs on "+node, func(ctx context.Context) error {
		pods, err := s.podsOn(ctx, node)
		if err != nil {
			return err
		}
		for _, pod := range pods {
			if pod.Status.Phase == corev1.PodRunning {
				return nil
			}
		}
		return fmt.Errorf("there are %d, and none runs", len(pods))
	})
	dialer, err := bgp.DialNode(s.Context(), netip.MustParseAddr(address), asn, s.router)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(dialer.Stop)
}

// podsOn are the pods of the holder on a node, or on their way there: the DaemonSet controller says by a node affinity
// where the scheduler is to bind each.
func (s *scene) podsOn(ctx context.Context, node string) (found []corev1.Pod, err error) {
	var pods corev1.PodList
	if err := s.Client.List(ctx, &pods, client.InNamespace(namespace)); err != nil {
		return nil, err
	}
	for _, pod := range pods.Items {
		owned := len(pod.OwnerReferences) > 0 && pod.OwnerReferences[0].Name == s.holder
		if owned && (pod.Spec.NodeName == node || pod.Spec.NodeName == "" && strings.Contains(pod.Spec.Affinity.String(), node)) {
			found = append(found, pod)
		}
	}
	return found, nil
}

func (s *scene) daemonSet(name string) *appsv1.DaemonSet {
	s.Helper()
	var d appsv1.DaemonSet
	if err := s.Client.Get(s.Context(), client.ObjectKey{Namespace: namespace, Name: name}, &d); err != nil {
		s.Fatal(err)
	}
	return &d
}

// eventuallyDeadlocked waits until the DaemonSet controller has seen the node that joined, and found that no pod belongs
// there, and looks that the node is held for the session that therefore cannot come up.
func (s *scene) eventuallyDeadlocked() {
	s.Helper()
	s.EventuallySays(s.joined, corev1.ConditionFalse, "SessionDown")
	s.Eventually("the DaemonSet controller leaves "+s.joined+" out", func(context.Context) error {
		d := s.daemonSet(s.holder)
		if d.Status.ObservedGeneration != d.Generation || d.Status.DesiredNumberScheduled != 1 {
			return fmt.Errorf("it wants %d pods, of 2 nodes", d.Status.DesiredNumberScheduled)
		}
		return nil
	})
	if pods, err := s.podsOn(s.Context(), s.joined); err != nil || len(pods) > 0 {
		s.Errorf("%s has pods of %s: %v, %v", s.joined, s.holder, pods, err)
	}
	if !story.Tainted(s.Node(s.joined)) {
		s.Errorf("%s was released; %s", s.joined, story.ConditionOf(s.Node(s.joined)))
	}
}

// eventuallyReleased waits until the node that joined has its pod, its session and no taint.
func (s *scene) eventuallyReleased() {
	s.Helper()
	s.runSpeaker(s.joined, "127.0.27.33")
	s.EventuallyOpen(s.joined)
	s.EventuallySays(s.joined, corev1.ConditionTrue, "SessionEstablished")
}
