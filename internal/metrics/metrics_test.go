package metrics_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	clocktesting "k8s.io/utils/clock/testing"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/peergate/peergate/internal/metrics"
	"github.com/peergate/peergate/internal/verdict"
	"github.com/peergate/peergate/routerclient"
)

var (
	now    = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	expiry = time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)
)

// certificateFile is what exercise registers the certificate of: a registry takes a metric once in a process.
var certificateFile string

// follower is what a replica tells that does not lead.
var follower []*dto.MetricFamily

type someNodes struct{}

func (someNodes) States() map[verdict.State]int {
	return map[verdict.State]int{verdict.Held: 2, verdict.Peered: 40}
}

func (someNodes) OldestTaint() map[verdict.State]time.Time {
	return map[verdict.State]time.Time{verdict.Held: now.Add(-20 * time.Minute)}
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "peergate-metrics-")
	if err != nil {
		panic(err)
	}
	certificateFile = filepath.Join(dir, "tls.crt")
	if follower, err = ctrlmetrics.Registry.Gather(); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// exercise makes every metric have a series, once.
var exercise = sync.OnceValue(func() error {
	if err := metrics.RegisterNodes(someNodes{}, clocktesting.NewFakePassiveClock(now)); err != nil {
		return err
	}
	if err := metrics.RegisterCertificate(certificateFile); err != nil {
		return err
	}
	metrics.RouterAnswered("edge", time.Second)
	metrics.RouterFailed("core", routerclient.ReasonTimeout)
	metrics.SessionsLost("edge", 2)
	metrics.PolicyGuard("default", true)
	metrics.PolicyGuard("storage", false)
	metrics.TaintChanged(metrics.TaintRemoved, "SessionEstablished")
	metrics.GateOpened(time.Minute)
	metrics.Admitted(metrics.RefusedByGuard)
	metrics.SpeakerSeen("metallb-system", "speaker", true)
	metrics.SpeakerSeen("routing", "bird", false)
	metrics.BMPStreams("edge", 1)
	metrics.BMPMessage("edge", "PeerUp")
	metrics.BMPRefused("UnknownSender")
	comeAndGo("gone")
	return nil
})

// comeAndGo has something of every kind that metrics are of, with a name, and takes it away.
func comeAndGo(name string) {
	metrics.RouterAnswered(name, time.Second)
	metrics.RouterFailed(name, routerclient.ReasonTimeout)
	metrics.SessionsLost(name, 1)
	metrics.BMPStreams(name, 1)
	metrics.BMPMessage(name, "PeerUp")
	metrics.ForgetRouter(name)
	metrics.ForgetBMP(name)
	metrics.PolicyGuard(name, true)
	metrics.ForgetPolicy(name)
	metrics.SpeakerSeen("routing", name, false)
	metrics.ForgetSpeaker("routing", name)
}

// families are Peergate's own metrics, by name.
func families(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	if err := exercise(); err != nil {
		t.Fatal(err)
	}
	gathered, err := ctrlmetrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]*dto.MetricFamily{}
	for _, family := range gathered {
		if strings.HasPrefix(family.GetName(), "peergate_") {
			own[family.GetName()] = family
		}
	}
	return own
}

func TestMetrics(t *testing.T) {
	writeCertificate(t, certificateFile)
	const want = `
# HELP peergate_bmp_messages_total BMP messages of the router, by type. Leader only.
# TYPE peergate_bmp_messages_total counter
peergate_bmp_messages_total{router="edge",type="PeerUp"} 1
# HELP peergate_bmp_refused_connections_total BMP connections that were closed before a message was read, by reason: UnknownSender, TooMany or TLS. Leader only.
# TYPE peergate_bmp_refused_connections_total counter
peergate_bmp_refused_connections_total{reason="UnknownSender"} 1
# HELP peergate_bmp_streams BMP connections on which the router tells of its sessions by itself. Leader only.
# TYPE peergate_bmp_streams gauge
peergate_bmp_streams{router="edge"} 1
# HELP peergate_gate_duration_seconds Time from the taint's addition to a node until the routers' confirmation removed it. Leader only.
# TYPE peergate_gate_duration_seconds histogram
peergate_gate_duration_seconds_bucket{le="1"} 0
peergate_gate_duration_seconds_bucket{le="3"} 0
peergate_gate_duration_seconds_bucket{le="10"} 0
peergate_gate_duration_seconds_bucket{le="30"} 0
peergate_gate_duration_seconds_bucket{le="60"} 1
peergate_gate_duration_seconds_bucket{le="300"} 1
peergate_gate_duration_seconds_bucket{le="900"} 1
peergate_gate_duration_seconds_bucket{le="3600"} 1
peergate_gate_duration_seconds_bucket{le="21600"} 1
peergate_gate_duration_seconds_bucket{le="86400"} 1
peergate_gate_duration_seconds_bucket{le="+Inf"} 1
peergate_gate_duration_seconds_sum 60
peergate_gate_duration_seconds_count 1
# HELP peergate_nodes Nodes by state. Leader only.
# TYPE peergate_nodes gauge
peergate_nodes{state="exempt"} 0
peergate_nodes{state="held"} 2
peergate_nodes{state="lost"} 0
peergate_nodes{state="peered"} 40
peergate_nodes{state="reported"} 0
peergate_nodes{state="unknown"} 0
peergate_nodes{state="unselected"} 0
# HELP peergate_oldest_taint_age_seconds Age of the oldest taint on a node that is held, or lost; 0 if there is none. Leader only.
# TYPE peergate_oldest_taint_age_seconds gauge
peergate_oldest_taint_age_seconds{state="held"} 1200
peergate_oldest_taint_age_seconds{state="lost"} 0
# HELP peergate_policy_guard_tripped 1 if more nodes of the policy than its maxUnpeered have lost their sessions, so that no further one is tainted; 0 if not. Leader only.
# TYPE peergate_policy_guard_tripped gauge
peergate_policy_guard_tripped{policy="default"} 1
peergate_policy_guard_tripped{policy="storage"} 0
# HELP peergate_router_poll_duration_seconds Time from question to whole answer, of the polls that were answered. Leader only.
# TYPE peergate_router_poll_duration_seconds histogram
peergate_router_poll_duration_seconds_bucket{router="edge",le="0.01"} 0
peergate_router_poll_duration_seconds_bucket{router="edge",le="0.03"} 0
peergate_router_poll_duration_seconds_bucket{router="edge",le="0.1"} 0
peergate_router_poll_duration_seconds_bucket{router="edge",le="0.3"} 0
peergate_router_poll_duration_seconds_bucket{router="edge",le="1"} 1
peergate_router_poll_duration_seconds_bucket{router="edge",le="3"} 1
peergate_router_poll_duration_seconds_bucket{router="edge",le="10"} 1
peergate_router_poll_duration_seconds_bucket{router="edge",le="+Inf"} 1
peergate_router_poll_duration_seconds_sum{router="edge"} 1
peergate_router_poll_duration_seconds_count{router="edge"} 1
# HELP peergate_router_poll_failures_total Polls that brought no answer, by the reason that is in condition Reachable too. Leader only.
# TYPE peergate_router_poll_failures_total counter
peergate_router_poll_failures_total{reason="RouterTimeout",router="core"} 1
# HELP peergate_router_session_losses_total BGP sessions that were Established at one poll and had ended by the next, come up again or not. Leader only.
# TYPE peergate_router_session_losses_total counter
peergate_router_session_losses_total{router="edge"} 2
# HELP peergate_router_up 1 if the router answered the newest poll, 0 if it did not. Leader only.
# TYPE peergate_router_up gauge
peergate_router_up{router="core"} 0
peergate_router_up{router="edge"} 1
# HELP peergate_speaker_tolerates_taint 1 if the DaemonSet of a BGP speaker or network agent tolerates the taint, 0 if no held node gets its pod. Leader only.
# TYPE peergate_speaker_tolerates_taint gauge
peergate_speaker_tolerates_taint{daemonset="bird",namespace="routing"} 0
peergate_speaker_tolerates_taint{daemonset="speaker",namespace="metallb-system"} 1
# HELP peergate_taint_changes_total Writes of the controller that added or removed the taint, by the reason that is in condition BGPPeered too. Leader only.
# TYPE peergate_taint_changes_total counter
peergate_taint_changes_total{action="added",reason="AdministrativelyDown"} 0
peergate_taint_changes_total{action="added",reason="FamilyNotNegotiated"} 0
peergate_taint_changes_total{action="added",reason="NeighborNotConfigured"} 0
peergate_taint_changes_total{action="added",reason="NotAskedYet"} 0
peergate_taint_changes_total{action="added",reason="NotConnected"} 0
peergate_taint_changes_total{action="added",reason="SessionDown"} 0
peergate_taint_changes_total{action="removed",reason="Exempt"} 0
peergate_taint_changes_total{action="removed",reason="NotSelected"} 0
peergate_taint_changes_total{action="removed",reason="SessionEstablished"} 1
# HELP peergate_webhook_certificate_not_after_timestamp_seconds When the certificate of the webhooks and of this endpoint expires, in Unix time; 0 if it cannot be read. Every replica.
# TYPE peergate_webhook_certificate_not_after_timestamp_seconds gauge
peergate_webhook_certificate_not_after_timestamp_seconds 1.7828208e+09
# HELP peergate_webhook_decisions_total Admission decisions about Nodes, by webhook. Every replica counts its own.
# TYPE peergate_webhook_decisions_total counter
peergate_webhook_decisions_total{decision="allowed",webhook="node-guard"} 0
peergate_webhook_decisions_total{decision="exempt",webhook="node-defaulter"} 0
peergate_webhook_decisions_total{decision="refused",webhook="node-defaulter"} 0
peergate_webhook_decisions_total{decision="refused",webhook="node-guard"} 1
peergate_webhook_decisions_total{decision="tainted",webhook="node-defaulter"} 0
peergate_webhook_decisions_total{decision="unchecked",webhook="node-defaulter"} 0
peergate_webhook_decisions_total{decision="unchecked",webhook="node-guard"} 0
`
	families(t)
	var names []string
	for _, help := range regexp.MustCompile(`(?m)^# HELP (\S+)`).FindAllStringSubmatch(want, -1) {
		names = append(names, help[1])
	}
	if err := testutil.GatherAndCompare(ctrlmetrics.Registry, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
}

// TestNothingIsLeftOfWhatIsGone: an alert about a router that was deleted would never end.
func TestNothingIsLeftOfWhatIsGone(t *testing.T) {
	for name, family := range families(t) {
		for _, series := range family.GetMetric() {
			for _, label := range series.GetLabel() {
				if label.GetValue() == "gone" {
					t.Errorf("%s has a series of %s %q", name, label.GetName(), label.GetValue())
				}
			}
		}
	}
}

// TestFollowerCountsNothing: of what only the leader knows, two replicas would be counted for one.
func TestFollowerCountsNothing(t *testing.T) {
	for _, family := range follower {
		if strings.HasSuffix(family.GetHelp(), "Leader only.") {
			t.Errorf("%s has series on a replica that does not lead", family.GetName())
		}
	}
}

func TestUnreadableCertificateCountsAsExpired(t *testing.T) {
	for name, content := range map[string]string{"no file": "", "no PEM": "tls", "an empty certificate": pemOf("CERTIFICATE", nil), "a damaged one": pemOf("CERTIFICATE", []byte{0x30, 0x80})} {
		t.Run(name, func(t *testing.T) {
			_ = os.Remove(certificateFile)
			if content != "" {
				write(t, certificateFile, content)
			}
			family := families(t)["peergate_webhook_certificate_not_after_timestamp_seconds"]
			if got := family.GetMetric()[0].GetGauge().GetValue(); got != 0 {
				t.Errorf("it expires at %v, want 0", got)
			}
		})
	}
}

func TestLint(t *testing.T) {
	for name := range families(t) {
		problems, err := testutil.GatherAndLint(ctrlmetrics.Registry, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

// TestEveryMetricIsExercised holds the other tests to what there is: a metric without a series is in no gathering.
func TestEveryMetricIsExercised(t *testing.T) {
	gathered := families(t)
	for _, name := range described() {
		if gathered[name] == nil {
			t.Errorf("%s has no series: have func exercise give it one", name)
		}
	}
}

// described are the names of Peergate's metrics that the registry knows of.
func described() (names []string) {
	descs := make(chan *prometheus.Desc)
	go func() {
		ctrlmetrics.Registry.(prometheus.Collector).Describe(descs)
		close(descs)
	}()
	name := regexp.MustCompile(`fqName: "(peergate_[^"]+)"`)
	for d := range descs {
		if m := name.FindStringSubmatch(d.String()); m != nil {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestNoLabelHasAValuePerNode: what bounds the number of series is how many routers, policies, speakers' DaemonSets,
// reasons and the like there are.
func TestNoLabelHasAValuePerNode(t *testing.T) {
	bounded := []string{"state", "router", "policy", "reason", "action", "webhook", "decision", "namespace", "daemonset", "type"}
	for name, family := range families(t) {
		for _, label := range labelsOf(family) {
			if !slices.Contains(bounded, label) {
				t.Errorf("%s has label %s: say here why the number of its values is bounded", name, label)
			}
		}
	}
}

func labelsOf(family *dto.MetricFamily) (labels []string) {
	for _, pair := range family.GetMetric()[0].GetLabel() {
		labels = append(labels, pair.GetName())
	}
	return labels
}

func writeCertificate(t *testing.T, file string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: expiry}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, pemOf("CERTIFICATE", der))
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(fmt.Errorf("writing the certificate: %w", err))
	}
}
