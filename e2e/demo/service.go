package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// serviceAddr is the address of the Service that the nodes announce. Nothing is sent there.
var serviceAddr = netip.MustParseAddr("192.168.30.1")

var serviceLabels = map[string]string{"app": "traefik"}

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
	if err := await(ctx, "the pods of leviathan1 and leviathan2, and one without a node", st.onePodWaits); err != nil {
		return err
	}
	if err := st.announceWherePodsRun(ctx); err != nil {
		return err
	}
	st.screen.say("One replica a node is wanted. The scheduler finds room for two:")
	if err := st.showPods(ctx); err != nil {
		return err
	}
	err := st.kubectl.show(ctx, st.screen, "get", "pods", "--field-selector", "status.phase=Pending",
		`-ojsonpath={.items[*].status.conditions[?(@.type=="PodScheduled")].message}`)
	if err != nil {
		return err
	}
	st.screen.say("Without Peergate the third would run on %s, and no packet would reach it, for the router has no way there:", forgottenNode)
	return st.showRoutes(ctx, 2)
}

func newService() *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: "traefik"},
		Spec: corev1.ServiceSpec{
			Type:                          corev1.ServiceTypeLoadBalancer,
			ExternalTrafficPolicy:         corev1.ServiceExternalTrafficPolicyLocal,
			AllocateLoadBalancerNodePorts: ptr.To(false),
			Selector:                      serviceLabels,
			Ports:                         []corev1.ServicePort{{Port: 80}},
		},
	}
}

// newDeployment wants its pods spread so that, with three nodes and three replicas, each node has one.
func newDeployment() *appsv1.Deployment {
	selector := &metav1.LabelSelector{MatchLabels: serviceLabels}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: "traefik"},
		Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To(int32(len(nodes))),
			Selector: selector,
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: serviceLabels},
				Spec: corev1.PodSpec{
					Containers: []corev1.Container{{Name: "traefik", Image: "traefik:v3"}},
					TopologySpreadConstraints: []corev1.TopologySpreadConstraint{{
						MaxSkew: 1, TopologyKey: corev1.LabelHostname, WhenUnsatisfiable: corev1.DoNotSchedule, LabelSelector: selector,
					}},
				},
			},
		},
	}
}

// assignAddress does what the load balancer's controller does.
func (st *stage) assignAddress(ctx context.Context, service *corev1.Service) error {
	before := service.DeepCopy()
	service.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: serviceAddr.String()}}
	return st.client.Status().Patch(ctx, service, client.MergeFrom(before))
}

// announceWherePodsRun does what the load balancer's speakers do for a Service with externalTrafficPolicy: Local.
func (st *stage) announceWherePodsRun(ctx context.Context) error {
	running, _, err := st.pods(ctx)
	if err != nil {
		return err
	}
	for _, node := range running {
		if err := st.speakers[node].Announce(netip.PrefixFrom(serviceAddr, serviceAddr.BitLen())); err != nil {
			return err
		}
	}
	return nil
}

// pods returns the nodes on which pods of the Service run, sorted, and how many pods have no node.
func (st *stage) pods(ctx context.Context) (running []string, waiting int, err error) {
	var pods corev1.PodList
	if err := st.client.List(ctx, &pods, client.InNamespace(metav1.NamespaceDefault), client.MatchingLabels(serviceLabels)); err != nil {
		return nil, 0, err
	}
	for _, pod := range pods.Items {
		switch {
		case unschedulable(&pod):
			waiting++
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
	return st.kubectl.show(ctx, st.screen, "get", "pods", table("pods"))
}

func (st *stage) onePodWaits(ctx context.Context) error {
	running, waiting, err := st.pods(ctx)
	if err == nil && (!slices.Equal(running, []string{"leviathan1", "leviathan2"}) || waiting != 1) {
		err = fmt.Errorf("pods run on %v, %d wait", running, waiting)
	}
	return err
}

func (st *stage) everyNodeHasAPod(ctx context.Context) error {
	running, waiting, err := st.pods(ctx)
	if err == nil && (!slices.Equal(running, []string{"leviathan1", "leviathan2", forgottenNode}) || waiting != 0) {
		err = fmt.Errorf("pods run on %v, %d wait", running, waiting)
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
