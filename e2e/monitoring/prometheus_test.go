package monitoring_test

import (
	"context"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/api"
	promv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/peergate/peergate/e2e/controlplane/freeport"
	"github.com/peergate/peergate/e2e/controlplane/process"
	"github.com/peergate/peergate/e2e/install"
	"github.com/peergate/peergate/e2e/story"
)

// scrapeInterval is as short as a run of a minute needs.
const scrapeInterval = time.Second

// prometheus scrapes the replicas as the ServiceMonitor says, and evaluates rules.
type prometheus struct {
	promv1.API
	s *story.Story
}

// scrape is one scrape_config.
type scrape map[string]any

func startPrometheus(s *story.Story, executable string, rules ruleGroups, scrapes ...scrape) *prometheus {
	s.Helper()
	dir := s.TempDir()
	content, err := yaml.Marshal(map[string]any{
		"global": map[string]any{
			"scrape_interval": scrapeInterval.String(), "scrape_timeout": scrapeInterval.String(),
			"evaluation_interval": scrapeInterval.String(),
		},
		"rule_files": []string{"rules.yaml"}, "scrape_configs": scrapes,
	})
	if err != nil {
		s.Fatal(err)
	}
	writeFile(s, filepath.Join(dir, "prometheus.yaml"), content)
	if content, err = yaml.Marshal(rules); err != nil {
		s.Fatal(err)
	}
	writeFile(s, filepath.Join(dir, "rules.yaml"), content)
	address, err := freeport.Loopback()
	if err != nil {
		s.Fatal(err)
	}
	server, err := process.Start(process.Spec{
		Name: "prometheus", Path: executable, LogFile: filepath.Join(dir, "log"),
		Args: []string{
			"--config.file=" + filepath.Join(dir, "prometheus.yaml"), "--storage.tsdb.path=" + filepath.Join(dir, "data"),
			"--web.listen-address=" + address.String(), "--log.level=warn",
		},
	})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		if err := server.Stop(); err != nil {
			s.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(s.Context(), story.Patience)
	defer cancel()
	if err := server.WaitReady(ctx, func(ctx context.Context) error { return ready(ctx, address.String()) }); err != nil {
		s.Fatal(err)
	}
	c, err := api.NewClient(api.Config{Address: "http://" + address.String()})
	if err != nil {
		s.Fatal(err)
	}
	return &prometheus{API: promv1.NewAPI(c), s: s}
}

func ready(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/-/ready", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", response.Status)
	}
	return nil
}

func writeFile(s *story.Story, path string, content []byte) {
	s.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		s.Fatal(err)
	}
}

// replicas is how the ServiceMonitor has the replicas scraped: over HTTPS, with the token of a service account that may
// read metrics, and the name and the authority of the certificate checked.
func replicas(s *story.Story) scrape {
	s.Helper()
	dir := s.TempDir()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: "prometheus"}}
	s.Create(account)
	s.Create(&rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "prometheus"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "peergate-metrics-reader"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: account.Namespace, Name: account.Name}},
	})
	config, err := s.ServiceAccount(s.Context(), account.Namespace, account.Name)
	if err != nil {
		s.Fatal(err)
	}
	writeFile(s, filepath.Join(dir, "token"), []byte(config.BearerToken))
	writeFile(s, filepath.Join(dir, "ca.crt"), authority(s))
	var targets []string
	for _, r := range s.Peergate.Replicas() {
		targets = append(targets, r.Metrics)
	}
	return scrape{
		"job_name": "peergate-metrics", "scheme": "https", "honor_labels": true,
		"authorization": map[string]string{"credentials_file": filepath.Join(dir, "token")},
		"tls_config": map[string]string{
			"ca_file": filepath.Join(dir, "ca.crt"), "server_name": "peergate-metrics.peergate-system.svc",
		},
		"static_configs": []map[string]any{{"targets": targets}},
	}
}

func authority(s *story.Story) []byte {
	s.Helper()
	var secret corev1.Secret
	if err := s.Client.Get(s.Context(), client.ObjectKey{Namespace: install.Namespace, Name: install.WebhookSecret}, &secret); err != nil {
		s.Fatal(err)
	}
	if block, _ := pem.Decode(secret.Data["ca.crt"]); block == nil {
		s.Fatal("the Secret of the certificate has no ca.crt")
	}
	return secret.Data["ca.crt"]
}

// eventuallyFires waits until an alert with these labels fires.
func (p *prometheus) eventuallyFires(alert, matchers string) {
	p.s.Helper()
	query := fmt.Sprintf(`ALERTS{alertstate="firing",alertname=%q%s}`, alert, matchers)
	p.s.Eventually(alert+" fires", func(ctx context.Context) error { return p.hasData(ctx, query) })
}

// eventuallyQuiet waits until an alert does not fire.
func (p *prometheus) eventuallyQuiet(alert, matchers string) {
	p.s.Helper()
	query := fmt.Sprintf(`ALERTS{alertstate="firing",alertname=%q%s}`, alert, matchers)
	p.s.Eventually(alert+" ends", func(ctx context.Context) error {
		value, _, _, err := p.Query(ctx, query, time.Now())
		if vector, ok := value.(model.Vector); ok && len(vector) > 0 {
			return fmt.Errorf("it fires: %v", vector)
		}
		return err
	})
}

func (p *prometheus) hasData(ctx context.Context, query string) error {
	value, warnings, _, err := p.Query(ctx, query, time.Now())
	if err != nil {
		return err
	}
	if vector, ok := value.(model.Vector); !ok || len(vector) == 0 {
		return fmt.Errorf("%s has no data %s", query, strings.Join(warnings, "; "))
	}
	return nil
}

// over is the answer to a query at every second of a time.
func (p *prometheus) over(query string, from, to time.Time) model.Matrix {
	p.s.Helper()
	value, _, _, err := p.QueryRange(p.s.Context(), query, promv1.Range{Start: from, End: to, Step: scrapeInterval})
	if err != nil {
		p.s.Fatalf("%s: %v", query, err)
	}
	return value.(model.Matrix)
}
