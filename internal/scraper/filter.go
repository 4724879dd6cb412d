// Package scraper lets those read the metrics who may: it asks the API server whose a bearer token is (TokenReview), and
// whether that user may get the path (SubjectAccessReview). controller-runtime's package metrics/filters asks the same
// through k8s.io/apiserver, which brings gRPC, OpenTelemetry and CEL along: a third of the program, and of its memory.
package scraper

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	authenticationclient "k8s.io/client-go/kubernetes/typed/authentication/v1"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// reviewTimeout bounds the questions to the API server about one request.
const reviewTimeout = 10 * time.Second

// maxReviews is how many requests may ask the API server at once: whoever reaches the port can send tokens, good or bad.
const maxReviews = 4

// Filter refuses requests for metrics that the API server does not allow: 401 without a valid bearer token, 403 without
// the permission. It is a metricsserver.Options.FilterProvider.
func Filter(config *rest.Config, client *http.Client) (metricsserver.Filter, error) {
	tokens, err := authenticationclient.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, fmt.Errorf("making a client for TokenReviews: %w", err)
	}
	access, err := authorizationclient.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, fmt.Errorf("making a client for SubjectAccessReviews: %w", err)
	}
	g := &guard{
		tokens: tokens.TokenReviews(), access: access.SubjectAccessReviews(),
		known: newMemory(clock.RealClock{}), reviews: make(chan struct{}, maxReviews),
	}
	return func(log logr.Logger, next http.Handler) (http.Handler, error) { return g.protect(log, next), nil }, nil
}

type guard struct {
	tokens authenticationclient.TokenReviewInterface
	access authorizationclient.SubjectAccessReviewInterface
	known  *memory
	// reviews holds an element for each request that is asking the API server.
	reviews chan struct{}
}

func (g *guard) protect(log logr.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, err := g.judge(r)
		switch {
		case err != nil:
			log.Error(err, "Not knowing who may read the metrics")
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		case status != http.StatusOK:
			http.Error(w, http.StatusText(status), status)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// judge returns 200, 401 or 403.
func (g *guard) judge(r *http.Request) (status int, err error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || token == "" {
		return http.StatusUnauthorized, nil
	}
	q := questionOf(token, r)
	if status, ok := g.known.get(q); ok {
		return status, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), reviewTimeout)
	defer cancel()
	select {
	case g.reviews <- struct{}{}:
		defer func() { <-g.reviews }()
	case <-ctx.Done():
		return 0, fmt.Errorf("waiting for a turn to ask the API server: %w", ctx.Err())
	}
	if status, err = g.review(ctx, token, q); err == nil {
		g.known.put(q, status)
	}
	return status, err
}

func (g *guard) review(ctx context.Context, token string, q question) (status int, err error) {
	who, err := g.tokens.Create(ctx, &authenticationv1.TokenReview{
		Spec: authenticationv1.TokenReviewSpec{Token: token},
	}, metav1.CreateOptions{})
	if err != nil {
		return 0, fmt.Errorf("asking whose a token is: %w", err)
	}
	if !who.Status.Authenticated {
		return http.StatusUnauthorized, nil
	}
	user := who.Status.User
	may, err := g.access.Create(ctx, &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user.Username, UID: user.UID, Groups: user.Groups, Extra: extra(user.Extra),
		NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: q.path, Verb: q.verb},
	}}, metav1.CreateOptions{})
	if err != nil {
		return 0, fmt.Errorf("asking whether user %q may %s %s: %w", user.Username, q.verb, q.path, err)
	}
	if !may.Status.Allowed {
		return http.StatusForbidden, nil
	}
	return http.StatusOK, nil
}

func extra(in map[string]authenticationv1.ExtraValue) map[string]authorizationv1.ExtraValue {
	out := make(map[string]authorizationv1.ExtraValue, len(in))
	for key, value := range in {
		out[key] = authorizationv1.ExtraValue(value)
	}
	return out
}
