// Package kubelet stands in for the kubelets of many nodes, as far as the API server can see them: each node registers,
// reports and renews its lease under its own identity, and the pods bound to it come up and go away. Nothing runs.
package kubelet

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// podWorkers is how many pods are worked on at once.
const podWorkers = 8

// Identity returns a client that the API server takes for the kubelet of a node (system:node:NAME in system:nodes).
type Identity func(node string) (kubernetes.Interface, error)

// Fleet is the kubelets of a cluster. Its methods may be called concurrently.
type Fleet struct {
	identity Identity
	informer cache.SharedIndexInformer
	queue    workqueue.TypedRateLimitingInterface[types.NamespacedName]

	mu     sync.Mutex
	nodes  map[string]*member
	podIPs uint32 // how many have been given out
}

// member is a node of the fleet.
type member struct {
	Node
	client kubernetes.Interface
}

// New returns a fleet without nodes. It reads pods with watcher, which must be allowed to watch all of them: one watch
// stands for those of all its nodes. Everything that is written is written with the node's identity.
func New(watcher kubernetes.Interface, identity Identity) (*Fleet, error) {
	factory := informers.NewSharedInformerFactoryWithOptions(watcher, 0, informers.WithTweakListOptions(onlyBound))
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[types.NamespacedName](50*time.Millisecond, 5*time.Second)
	f := &Fleet{
		identity: identity,
		informer: factory.Core().V1().Pods().Informer(),
		queue:    workqueue.NewTypedRateLimitingQueue(limiter),
		nodes:    make(map[string]*member),
	}
	_, err := f.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(pod any) { f.enqueue(pod.(*corev1.Pod)) },
		UpdateFunc: func(_, pod any) { f.enqueue(pod.(*corev1.Pod)) },
	})
	if err != nil {
		return nil, fmt.Errorf("watching pods: %w", err)
	}
	return f, nil
}

// Run keeps the fleet's nodes and pods alive until ctx is done.
func (f *Fleet) Run(ctx context.Context) {
	var group sync.WaitGroup
	group.Go(func() { f.informer.RunWithContext(ctx) })
	group.Go(func() { f.renewLeases(ctx) })
	for range podWorkers {
		group.Go(func() { f.work(ctx) })
	}
	<-ctx.Done()
	f.queue.ShutDown()
	group.Wait()
}

// Leave makes a node fall silent, as one that lost its power: the fleet no longer renews its lease, nor cares for its
// pods. Its Node object stays.
func (f *Fleet) Leave(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.nodes, name)
}

func (f *Fleet) member(name string) (*member, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m, ok := f.nodes[name]
	return m, ok
}

func (f *Fleet) members() []*member {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]*member, 0, len(f.nodes))
	for _, m := range f.nodes {
		all = append(all, m)
	}
	return all
}

// add takes a node into the fleet, and looks at the pods that were bound to it before.
func (f *Fleet) add(m *member) {
	f.mu.Lock()
	f.nodes[m.Name] = m
	f.mu.Unlock()
	for _, pod := range f.informer.GetStore().List() {
		f.enqueue(pod.(*corev1.Pod))
	}
}
