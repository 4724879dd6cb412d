package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// serviceAddr is the address of the Service that the nodes announce. Nothing is sent there.
var serviceAddr = netip.MustParseAddr("192.168.30.1")

func deployService(ctx context.Context, st *stage) error {
	service := newService()
	for _, object := range []client.Object{newDeployment(), service} {
		if err := st.client.Create(ctx, object); err != nil {
			return err
		}
	}
	if err := st.assignAddress(ctx, service); err != nil {
		return err
	}
	if err := await(ctx, "pods on all nodes but "+forgottenNode, st.onePodWaits); err != nil {
		return err
	}
	for _, node := range nodes {
		if node.forgotten {
			continue
		}
		if err := st.announce(node.name); err != nil {
			return err
		}
	}
	return st.showWaitingPod(ctx)
}

func (st *stage) showWaitingPod(ctx context.Context) error {
	st.screen.say("One replica a node is wanted. The scheduler finds room for two:")
	if err := st.showPods(ctx); err != nil {
		return err
	}
	_, waiting, err := st.pods(ctx)
	if err != nil {
		return err
	}
	if err := st.kubectl.show(ctx, st.screen, "get", "pod", waiting[0], "-o", message(string(corev1.PodScheduled))); err != nil {
		return err
	}
	st.screen.say("Without Peergate the third would run on %s, and no packet would reach it.", forgottenNode)
	st.screen.say("The router knows two ways to the Service:")
	return st.showRoutes(ctx, len(nodes)-1)
}

// assignAddress does what the load balancer's controller does.
func (st *stage) assignAddress(ctx context.Context, service *corev1.Service) error {
	before := service.DeepCopy()
	service.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: serviceAddr.String()}}
	return st.client.Status().Patch(ctx, service, client.MergeFrom(before))
}

// announce does what the load balancer's speaker does on a node where a pod runs, with externalTrafficPolicy: Local.
func (st *stage) announce(node string) error {
	return st.speakers[node].Announce(netip.PrefixFrom(serviceAddr, serviceAddr.BitLen()))
}

// pods returns the nodes on which pods of the Service run, sorted, and the names of the pods that have no node.
func (st *stage) pods(ctx context.Context) (running, waiting []string, err error) {
	var pods corev1.PodList
	if err := st.client.List(ctx, &pods, client.InNamespace(metav1.NamespaceDefault), client.MatchingLabels(serviceLabels)); err != nil {
		return nil, nil, err
	}
	for _, pod := range pods.Items {
		switch {
		case unschedulable(&pod):
			waiting = append(waiting, pod.Name)
		case pod.Status.Phase == corev1.PodRunning:
			running = append(running, pod.Spec.NodeName)
		}
	}
	slices.Sort(running)
	return running, waiting, nil
}

func unschedulable(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable
	})
}

func (st *stage) showPods(ctx context.Context) error {
	return st.kubectl.show(ctx, st.screen, "get", "pods", "-o", table("pods"))
}

func (st *stage) onePodWaits(ctx context.Context) error {
	running, waiting, err := st.pods(ctx)
	if err == nil && (!slices.Equal(running, []string{"leviathan1", "leviathan2"}) || len(waiting) != 1) {
		err = fmt.Errorf("pods run on %v, and %v wait", running, waiting)
	}
	return err
}

func (st *stage) everyNodeHasAPod(ctx context.Context) error {
	running, waiting, err := st.pods(ctx)
	if err == nil && (!slices.Equal(running, []string{"leviathan1", "leviathan2", forgottenNode}) || len(waiting) > 0) {
		err = fmt.Errorf("pods run on %v, and %v wait", running, waiting)
	}
	return err
}

// showRoutes waits for the router to have that many next hops for the Service, and shows its table.
func (st *stage) showRoutes(ctx context.Context, nextHops int) error {
	err := await(ctx, "the router's routes", func(context.Context) error {
		routes, err := st.edge.Routes()
		if err == nil && (len(routes) != 1 || len(routes[0].NextHops) != nextHops) {
			err = fmt.Errorf("they are %v", routes)
		}
		return err
	})
	if err != nil {
		return err
	}
	const command = "show ip route bgp"
	st.screen.typed(operationalPrompt, command)
	answer, err := st.edge.show(ctx, command)
	if err != nil {
		return err
	}
	st.screen.printed(answer)
	return nil
}
