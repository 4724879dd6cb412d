package scraper

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	authenticationclient "k8s.io/client-go/kubernetes/typed/authentication/v1"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"
	clocktesting "k8s.io/utils/clock/testing"
)

// apiServer knows two users by their tokens: prometheus, who may get /metrics, and nobody, who may not.
type apiServer struct {
	asked  []string
	broken bool
}

func (a *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.asked = append(a.asked, r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
	if a.broken {
		http.Error(w, "etcd is away", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	var answer any
	if strings.HasSuffix(r.URL.Path, "tokenreviews") {
		answer = whose(body)
	} else {
		answer = may(body)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func whose(body []byte) *authenticationv1.TokenReview {
	review := &authenticationv1.TokenReview{}
	_ = json.Unmarshal(body, review)
	name, known := map[string]string{"good": "prometheus", "other": "nobody"}[review.Spec.Token]
	review.Status.Authenticated = known
	review.Status.User = authenticationv1.UserInfo{Username: name, Groups: []string{"scrapers"}, Extra: map[string]authenticationv1.ExtraValue{"k": {"v"}}}
	return review
}

func may(body []byte) *authorizationv1.SubjectAccessReview {
	review := &authorizationv1.SubjectAccessReview{}
	_ = json.Unmarshal(body, review)
	s := review.Spec
	review.Status.Allowed = s.User == "prometheus" && s.Groups[0] == "scrapers" && s.Extra["k"][0] == "v" &&
		*s.NonResourceAttributes == authorizationv1.NonResourceAttributes{Verb: "get", Path: "/metrics"}
	return review
}

// scene is metrics behind a filter that asks an apiServer.
type scene struct {
	*testing.T
	api     *apiServer
	clock   *clocktesting.FakePassiveClock
	guard   *guard
	handler http.Handler
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{T: t, api: &apiServer{}, clock: clocktesting.NewFakePassiveClock(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))}
	server := httptest.NewServer(s.api)
	t.Cleanup(server.Close)
	config := &rest.Config{Host: server.URL, ContentConfig: rest.ContentConfig{ContentType: "application/json"}, QPS: -1}
	tokens, err := authenticationclient.NewForConfigAndClient(config, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	access, err := authorizationclient.NewForConfigAndClient(config, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	s.guard = &guard{
		tokens: tokens.TokenReviews(), access: access.SubjectAccessReviews(), known: newMemory(s.clock), reviews: make(chan struct{}, maxReviews),
	}
	s.handler = s.guard.protect(logr.Discard(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "peergate_router_up 1\n") }))
	return s
}

func (s *scene) ask(method, path, authorization string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, nil)
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, request)
	return answer
}

func TestWhoMayScrape(t *testing.T) {
	tests := map[string]struct {
		method, path, authorization string
		broken                      bool
		want                        int
	}{
		"one who may":                  {http.MethodGet, "/metrics", "Bearer good", false, http.StatusOK},
		"a scheme in small letters":    {http.MethodGet, "/metrics", "bearer good", false, http.StatusOK},
		"one who may not":              {http.MethodGet, "/metrics", "Bearer other", false, http.StatusForbidden},
		"another path":                 {http.MethodGet, "/debug", "Bearer good", false, http.StatusForbidden},
		"another method":               {http.MethodPost, "/metrics", "Bearer good", false, http.StatusForbidden},
		"spaces around the token":      {http.MethodGet, "/metrics", "Bearer  good ", false, http.StatusOK},
		"nobody's token":               {http.MethodGet, "/metrics", "Bearer stolen", false, http.StatusUnauthorized},
		"no token":                     {http.MethodGet, "/metrics", "", false, http.StatusUnauthorized},
		"an empty token":               {http.MethodGet, "/metrics", "Bearer ", false, http.StatusUnauthorized},
		"a password":                   {http.MethodGet, "/metrics", "Basic good", false, http.StatusUnauthorized},
		"the API server is in trouble": {http.MethodGet, "/metrics", "Bearer good", true, http.StatusInternalServerError},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.api.broken = test.broken
			answer := s.ask(test.method, test.path, test.authorization)
			if answer.Code != test.want {
				t.Errorf("status %d, want %d", answer.Code, test.want)
			}
			if leaked := strings.Contains(answer.Body.String(), "peergate_router_up"); leaked != (test.want == http.StatusOK) {
				t.Errorf("status %d, and the body is %q", answer.Code, answer.Body)
			}
		})
	}
}

// TestNotAskedInVain: what is no token is refused without the API server.
func TestNotAskedInVain(t *testing.T) {
	for _, authorization := range []string{"", "Bearer", "Bearer ", "Basic good"} {
		s := newScene(t)
		if s.ask(http.MethodGet, "/metrics", authorization); len(s.api.asked) > 0 {
			t.Errorf("%q: the API server was asked %v", authorization, s.api.asked)
		}
	}
}

// TestTurnsAreGivenBack: who was answered no longer keeps others from asking.
func TestTurnsAreGivenBack(t *testing.T) {
	s := newScene(t)
	for i := range 2 * maxReviews {
		if answer := s.ask(http.MethodGet, "/metrics", fmt.Sprint("Bearer stolen-", i)); answer.Code != http.StatusUnauthorized {
			t.Fatalf("request %d: status %d", i, answer.Code)
		}
	}
	if turns := len(s.guard.reviews); turns > 0 {
		t.Errorf("%d turns are taken", turns)
	}
}

// TestWaitingForATurn: when as many as may are asking, the next waits, and is not let in if its turn never comes.
func TestWaitingForATurn(t *testing.T) {
	s := newScene(t)
	for range maxReviews {
		s.guard.reviews <- struct{}{}
	}
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header.Set("Authorization", "Bearer good")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, request.WithContext(ctx))
	if answer.Code != http.StatusInternalServerError || len(s.api.asked) > 0 {
		t.Errorf("status %d, and the API server was asked %v", answer.Code, s.api.asked)
	}
}

// TestFilter: as the manager makes it.
func TestFilter(t *testing.T) {
	server := httptest.NewServer(&apiServer{})
	defer server.Close()
	config := &rest.Config{Host: server.URL, ContentConfig: rest.ContentConfig{ContentType: "application/json"}}
	filter, err := Filter(config, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	handler, err := filter(logr.Discard(), http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]int{"good": http.StatusNotFound, "other": http.StatusForbidden, "stolen": http.StatusUnauthorized} {
		request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		request.Header.Set("Authorization", "Bearer "+token)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		if answer.Code != want {
			t.Errorf("token %s: status %d, want %d", token, answer.Code, want)
		}
	}
	if _, err := Filter(&rest.Config{Host: "://"}, server.Client()); err == nil {
		t.Error("a filter is made of a config that leads nowhere")
	}
}

// TestAnswersAreRemembered: a scrape every 15 s must not be two questions to the API server each time, and what has
// changed there must be heeded soon.
func TestAnswersAreRemembered(t *testing.T) {
	for authorization, lasts := range map[string]time.Duration{"Bearer good": allowedFor, "Bearer other": refusedFor, "Bearer stolen": refusedFor} {
		t.Run(authorization, func(t *testing.T) {
			s := newScene(t)
			first := s.ask(http.MethodGet, "/metrics", authorization)
			asked := len(s.api.asked)
			s.ask(http.MethodGet, "/metrics", "Bearer another") // whose answer is remembered beside it
			s.api.asked = s.api.asked[:asked]
			s.clock.SetTime(s.clock.Now().Add(lasts - time.Second))
			if again := s.ask(http.MethodGet, "/metrics", authorization); again.Code != first.Code || len(s.api.asked) != asked {
				t.Errorf("status %d after %d; the API server was asked %v", again.Code, first.Code, s.api.asked)
			}
			s.clock.SetTime(s.clock.Now().Add(time.Second))
			if s.ask(http.MethodGet, "/metrics", authorization); len(s.api.asked) != 2*asked {
				t.Errorf("after %s the API server was asked %v in all", lasts, s.api.asked)
			}
		})
	}
}

// TestFailuresAreNotRemembered: a second later, the API server may be back.
func TestFailuresAreNotRemembered(t *testing.T) {
	s := newScene(t)
	s.api.broken = true
	s.ask(http.MethodGet, "/metrics", "Bearer good")
	s.api.broken = false
	if answer := s.ask(http.MethodGet, "/metrics", "Bearer good"); answer.Code != http.StatusOK {
		t.Errorf("status %d once the API server was back", answer.Code)
	}
}

// TestMemoryIsBounded: whoever reaches the port can send any number of tokens.
func TestMemoryIsBounded(t *testing.T) {
	s := newScene(t)
	m := newMemory(s.clock)
	for i := range 3 * maxKnown {
		m.put(questionOf(fmt.Sprint("token ", i), httptest.NewRequest(http.MethodGet, "/metrics", nil)), http.StatusUnauthorized)
		if len(m.known) > maxKnown {
			t.Fatalf("%d answers are remembered", len(m.known))
		}
	}
}
