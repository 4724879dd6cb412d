package monitoring_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/api/v1alpha1"
	"github.com/peergate/peergate/e2e/controlplane/freeport"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

var plotFile = flag.String("monitoring.plot", "", "write a plot of the run to this file")

// steady is how long nothing happens after the run, and nothing is logged.
const steady = time.Minute

// run is a cluster that Prometheus watches while things go wrong in it.
type run struct {
	*story.Story
	prometheus *prometheus
	edge       *story.Router
	// key is in the Secret of edge, which does not know it and takes the password.
	key []byte
	// bmp is where the leader takes BMP.
	bmp   string
	began time.Time
}

// TestRun has everything happen that the metrics, the alerts, the dashboard and the log are about, and then looks at them.
func TestRun(t *testing.T) {
	executable := program(t, "prometheus")
	bmp, err := freeport.Loopback()
	if err != nil {
		t.Fatal(err)
	}
	s := story.Own(t, install.Options{Args: []string{"--log-level=debug", "--bmp-bind-address=" + bmp.String()}}).New(t)
	r := &run{Story: s, edge: s.NewRouter(), key: privateKey(t), bmp: bmp.String()}
	r.prometheus = startPrometheus(s, executable, impatient(t, shippedRules(t)), replicas(s), kubeState(s))
	r.leader() // who scrapes may be refused until its role is known everywhere
	r.prometheus.eventuallyQuiet("PeergateNoLeader", "")
	r.began = time.Now()
	r.prepare()
	r.routerTellsByItself()
	r.nodesJoin()
	r.nodeIsLost()
	r.routerFallsSilent()
	r.guardTrips()
	r.leaderStops()
	ended := time.Now()

	r.nothingIsLogged()
	r.expectOneLineAChange()
	r.expectDataOfEveryPanel(ended)
	r.expectNobodyCountedTwice(ended)
	if *plotFile != "" {
		r.plot(*plotFile, ended)
	}
	r.expectRunbooksRun()
	r.managersStop()
	r.readLog()
}

// impatient shortens what the rules wait for to what a run has time for, and changes nothing else.
func impatient(t *testing.T, rules ruleGroups) ruleGroups {
	t.Helper()
	shorter := strings.NewReplacer(
		`{state="held"}) > 900`, `{state="held"}) > 3`,
		`{state="lost"}) > 300`, `{state="lost"}) > 1`)
	shortened := 0
	for i := range rules.Groups {
		for j := range rules.Groups[i].Rules {
			rule := &rules.Groups[i].Rules[j]
			if expr := shorter.Replace(rule.Expr); expr != rule.Expr {
				rule.Expr, shortened = expr, shortened+1
			}
			if rule.For != "" {
				rule.For = "2s"
			}
		}
	}
	if shortened != 2 {
		t.Fatalf("%d rules were shortened, want those of held and of lost nodes", shortened)
	}
	return rules
}

// The nodes of a run. The router knows the first ones from the beginning, and the last one never.
var (
	peered = []string{"rack1-1", "rack1-2", "rack1-3", "rack1-4"}
	late   = "rack2-1"
	oldest = "rack0-1"
)

func addressOf(node string) string {
	var rack, number int
	if _, err := fmt.Sscanf(node, "rack%d-%d", &rack, &number); err != nil {
		panic(err) // a name that is not of this file
	}
	return fmt.Sprintf("192.168.6%d.%d", rack, number)
}

// prepare leaves a node that is older than the policy, a router that answers, one that does not, and a speaker that does
// not tolerate the taint.
func (r *run) prepare() {
	r.Join(oldest, addressOf(oldest))
	r.EventuallyOpen(oldest)
	// The API keeps whole seconds.
	joined := r.Node(oldest).CreationTimestamp.Time
	r.Eventually("a second has passed", func(context.Context) error {
		if time.Since(joined) < 2*time.Second {
			return errors.New("it has not")
		}
		return nil
	})
	r.createSpeaker()
	r.declareDarkRouter()
	for _, node := range peered {
		r.edge.Set(addressOf(node), "Established")
	}
	r.Policy(func(p *v1alpha1.PeeringPolicySpec) { p.LossGracePeriod = &metav1.Duration{Duration: time.Second} })
	r.Declare(r.edge, func(_ *v1alpha1.BGPRouter, secret *corev1.Secret) {
		secret.StringData[corev1.SSHAuthPrivateKey] = string(r.key)
	})
}

func (r *run) createSpeaker() {
	labels := map[string]string{"app": "metallb", "component": "speaker"}
	r.Create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "metallb-system"}})
	r.Create(&appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: "metallb-system", Name: "speaker", Labels: labels},
		Spec: appsv1.DaemonSetSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "speaker", Image: "quay.io/metallb/speaker"}}},
			},
		},
	})
}

// darkRouter is asked over SNMP at a port where nobody is, speaks BMP for a while, and serves no node.
const darkRouter = "dark"

// The secrets of the dark router, which no log may have.
const (
	authPassphrase = "authentic-passphrase-of-dark"
	privPassphrase = "private-passphrase-of-dark"
)

func (r *run) declareDarkRouter() {
	nobody := r.NewRouter()
	nobody.Close()
	r.Declare(nobody, story.Named(darkRouter), story.OfLabel("rack", "none"), func(router *v1alpha1.BGPRouter, secret *corev1.Secret) {
		router.Spec.Platform, router.Spec.BMP = "SNMP", &v1alpha1.BMPSpec{}
		secret.StringData = map[string]string{
			"username": "peergate", "auth_password": authPassphrase, "priv_password": privPassphrase,
		}
	})
}

// BMP messages (RFC 7854) begin with version, length and type. With the first a router introduces itself, here with a
// sysName; the second has a header of 42 bytes about a peer, and no statistics.
var (
	initiation = []byte{3, 0, 0, 0, 14, 4, 0, 2, 0, 4, 'd', 'a', 'r', 'k'}
	statistics = append([]byte{3, 0, 0, 0, 52, 1}, make([]byte, 42+4)...)
)

// routerTellsByItself has the dark router connect, then end its stream, and somebody else be refused.
func (r *run) routerTellsByItself() {
	stream := r.connectBMP("127.0.0.1")
	if _, err := stream.Write(slices.Concat(initiation, statistics)); err != nil {
		r.Fatal(err)
	}
	stranger := r.connectBMP("127.0.0.2")
	defer stranger.Close()
	for _, query := range []string{"peergate_bmp_streams == 1", "peergate_bmp_messages_total > 0", "peergate_bmp_refused_connections_total > 0"} {
		r.Eventually(query, func(ctx context.Context) error { return r.prometheus.hasData(ctx, query) })
	}
	stream.Close()
	r.prometheus.eventuallyFires("PeergateBMPStreamDown", `,router="`+darkRouter+`"`)
}

// connectBMP connects from an address of the loopback interface, once somebody listens.
func (r *run) connectBMP(from string) (conn net.Conn) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	r.Eventually("the leader takes BMP", func(ctx context.Context) (err error) {
		conn, err = dialer.DialContext(ctx, "tcp", r.bmp)
		return err
	})
	return conn
}

func (r *run) nodesJoin() {
	for _, node := range peered {
		r.Join(node, addressOf(node))
		r.EventuallyOpen(node)
	}
	r.Join(late, addressOf(late))
	r.EventuallySays(late, corev1.ConditionFalse, "NeighborNotConfigured")
	r.prometheus.eventuallyFires("PeergateNodeHeld", "")
	r.prometheus.eventuallyFires("PeergateExistingNodesUnpeered", "")
	r.prometheus.eventuallyFires("PeergateSpeakerBlocked", `,namespace="metallb-system",daemonset="speaker"`)
	r.prometheus.eventuallyFires("PeergateRouterSilent", `,router="`+darkRouter+`"`)
	r.edge.Set(addressOf(late), "Established")
	r.EventuallyOpen(late)
	r.prometheus.eventuallyQuiet("PeergateNodeHeld", "")
}

func (r *run) nodeIsLost() {
	r.edge.Set(addressOf(peered[0]), "Idle")
	r.EventuallyTainted(peered[0])
	r.prometheus.eventuallyFires("PeergateNodeLost", "")
	r.edge.Set(addressOf(peered[0]), "Established")
	r.EventuallyOpen(peered[0])
	r.prometheus.eventuallyQuiet("PeergateNodeLost", "")
}

// babble is a line of what a router prints that is no answer.
const babble = "% This is not the router you are looking for. "

func (r *run) routerFallsSilent() {
	r.edge.Answer(func(_ context.Context, _ string, stdout, _ io.Writer) int {
		_, _ = io.WriteString(stdout, strings.Repeat(babble+"\n", 10_000))
		return 0
	})
	r.prometheus.eventuallyFires("PeergateRouterSilent", `,router="`+r.ID+`"`)
	for _, node := range peered {
		if story.Tainted(r.Node(node)) {
			r.Errorf("node %s is tainted because its router gives no answer", node)
		}
	}
	r.edge.Answer(nil)
	r.EventuallySays(peered[0], corev1.ConditionTrue, "SessionEstablished")
	r.prometheus.eventuallyQuiet("PeergateRouterSilent", `,router="`+r.ID+`"`)
}

func (r *run) guardTrips() {
	r.setAll("Idle")
	r.prometheus.eventuallyFires("PeergateGuardTripped", `,policy="`+r.ID+`"`)
	r.setAll("Established")
	for _, node := range append(peered, late) {
		r.EventuallyOpen(node)
		r.EventuallySays(node, corev1.ConditionTrue, "SessionEstablished")
	}
	r.prometheus.eventuallyQuiet("PeergateGuardTripped", "")
}

func (r *run) setAll(state string) {
	for _, node := range append(peered, late) {
		r.edge.Set(addressOf(node), state)
	}
}

// leaderStops ends the leader as an upgrade does: the other replica leads at once.
func (r *run) leaderStops() {
	first := r.leader()
	for _, replica := range r.Peergate.Replicas() {
		if replica.Metrics == first {
			if err := replica.Stop(); err != nil {
				r.Fatal(err)
			}
		}
	}
	r.Eventually("another replica leads", func(ctx context.Context) error {
		return r.prometheus.hasData(ctx, fmt.Sprintf(`sum(peergate_nodes{instance!=%q}) == %d`, first, len(peered)+2))
	})
}

// leader is the address of the one replica that has metrics of nodes.
func (r *run) leader() (address string) {
	r.Eventually("one replica counts nodes", func(context.Context) error {
		value := r.prometheus.over("peergate_nodes", time.Now(), time.Now())
		found := map[string]bool{}
		for _, series := range value {
			address = string(series.Metric["instance"])
			found[address] = true
		}
		if len(found) != 1 {
			return fmt.Errorf("%d replicas do", len(found))
		}
		return nil
	})
	return address
}

// managersStop leaves tainted nodes alone.
func (r *run) managersStop() {
	r.edge.Remove(addressOf(late))
	r.Join("rack3-1", addressOf("rack3-1"))
	r.EventuallySays("rack3-1", corev1.ConditionFalse, "NeighborNotConfigured")
	r.Eventually("kube-state-metrics has told of it", func(ctx context.Context) error {
		return r.prometheus.hasData(ctx, `kube_node_spec_taint{node="rack3-1"}`)
	})
	if err := r.Peergate.Stop(); err != nil {
		r.Fatal(err)
	}
	r.prometheus.eventuallyFires("PeergateNoLeader", "")
	r.prometheus.eventuallyFires("PeergateTaintWithoutManager", "")
}

func (r *run) expectDataOfEveryPanel(ended time.Time) {
	for _, p := range shippedPanels(r.TB.(*testing.T)) {
		for _, target := range p.Targets {
			samples := 0
			for _, series := range r.prometheus.over(withIntervals(target.Expr, "10s"), r.began, ended) {
				for _, point := range series.Values {
					if point.Value == point.Value { // not NaN, which is drawn as nothing
						samples++
					}
				}
			}
			if samples == 0 {
				r.Errorf("panel %q shows nothing of the run: %s", p.Title, target.Expr)
			}
		}
	}
}

// expectNobodyCountedTwice: at no time, the change of the leader included, do two replicas have metrics of nodes.
func (r *run) expectNobodyCountedTwice(ended time.Time) {
	for _, query := range []string{"count by (state) (peergate_nodes) > 1", "count by (router) (peergate_router_up) > 1", "sum(peergate_nodes) > 6"} {
		if twice := r.prometheus.over(query, r.began, ended); len(twice) > 0 {
			r.Errorf("%s: %v", query, twice)
		}
	}
}

func (r *run) plot(file string, ended time.Time) {
	out, err := os.Create(file)
	if err != nil {
		r.Fatal(err)
	}
	if err := errors.Join(r.draw(out, ended), out.Close()); err != nil {
		r.Fatal(err)
	}
}
