package speaker_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/peergate/peergate/internal/speakerwatch"
)

// notes are those of the Events on this DaemonSet, and not on one of the same name before it.
func (s *scene) notes(ctx context.Context, name string) (notes []string) {
	s.Helper()
	d := s.daemonSet(name)
	for _, e := range s.Told(ctx, "DaemonSet", name) {
		if e.Reason == speakerwatch.ReasonTaintNotTolerated && e.Regarding.UID == d.UID {
			notes = append(notes, e.Note)
		}
	}
	return notes
}

// eventuallyTold waits for the Event on a DaemonSet, and returns the line to type.
func (s *scene) eventuallyTold(name string) (line string) {
	s.Helper()
	s.Eventually("DaemonSet "+name+" has an Event", func(ctx context.Context) error {
		notes := s.notes(ctx, name)
		if len(notes) != 1 {
			return fmt.Errorf("it has %q", notes)
		}
		line = notes[0][strings.LastIndexByte(notes[0], '\n')+1:]
		return nil
	})
	return line
}

// shell runs a line as the person does who is told to type it.
func (s *scene) shell(line string) {
	s.Helper()
	kubeconfig, err := s.Kubeconfig(s.Config())
	if err != nil {
		s.Fatal(err)
	}
	command := exec.CommandContext(s.Context(), "sh", "-c", line)
	command.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig,
		"PATH="+filepath.Dir(s.Binaries().Kubectl)+string(os.PathListSeparator)+os.Getenv("PATH"))
	if said, err := command.CombinedOutput(); err != nil {
		s.Fatalf("%s: %v: %s", line, err, said)
	}
}

// scraper returns the token of a service account that may read the metrics.
func (s *scene) scraper() string {
	s.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: s.ID}}
	s.Create(account)
	s.Create(&rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: s.ID + "-scraper"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "peergate-metrics-reader"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: account.Namespace, Name: account.Name}},
	})
	config, err := s.ServiceAccount(s.Context(), account.Namespace, account.Name)
	if err != nil {
		s.Fatal(err)
	}
	return config.BearerToken
}

// eventuallyMetric waits until the leader's metric says value of a DaemonSet; "" is for no series.
func (s *scene) eventuallyMetric(token, name, value string) {
	s.Helper()
	series := fmt.Sprintf(`peergate_speaker_tolerates_taint{daemonset=%q,namespace=%q} `, name, namespace)
	s.Eventually("the metric of "+name+" says "+value, func(ctx context.Context) error {
		var seen string
		for _, replica := range s.Peergate.Replicas() {
			lines, err := scrape(ctx, replica.Metrics, token)
			if err != nil {
				return err
			}
			for _, line := range lines {
				if said, ok := strings.CutPrefix(line, series); ok {
					seen += said
				}
			}
		}
		if seen != value {
			return fmt.Errorf("it says %q", seen)
		}
		return nil
	})
}

func scrape(ctx context.Context, address, token string) ([]string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+address+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	// The certificate is for the name of the Service.
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(response.Body) // a part of it says as much as can be said
		return nil, fmt.Errorf("%s: %s", response.Status, said)
	}
	var lines []string
	for scanner := bufio.NewScanner(response.Body); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	return lines, nil
}
