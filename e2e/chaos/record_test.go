package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"

	"github.com/peergate/peergate/e2e/story"
)

// nodePrefix is where the API server keeps Nodes.
const nodePrefix = "/registry/minions/"

// record tells every write of every Node, from the first, until ctx is done. It reads etcd and not the API server, whose
// watches lose what was written just before it stopped.
func record(ctx context.Context, etcdURL string, tell func(write)) error {
	response, err := openWatch(ctx, etcdURL)
	if err != nil {
		return fmt.Errorf("watching the nodes in etcd: %w", err)
	}
	defer response.Body.Close()
	read := newReader()
	for answers := json.NewDecoder(response.Body); ; {
		var answer watchAnswer
		if err := answers.Decode(&answer); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("watching the nodes in etcd: %w", err)
		}
		for _, e := range answer.Result.Events {
			w, err := read(e)
			if err != nil {
				return fmt.Errorf("reading %s in etcd: %w", e.KV.Key, err)
			}
			tell(w)
		}
	}
}

// openWatch asks etcd's gateway (https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/).
func openWatch(ctx context.Context, etcdURL string) (*http.Response, error) {
	question, err := json.Marshal(map[string]any{"create_request": map[string]any{
		"key": []byte(nodePrefix), "range_end": []byte(nodePrefix[:len(nodePrefix)-1] + "0"), "start_revision": "1",
	}})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, etcdURL+"/v3/watch", bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("etcd says %s", response.Status)
	}
	return response, nil
}

type watchAnswer struct {
	Result struct {
		Events []etcdEvent `json:"events"`
	} `json:"result"`
}

type etcdEvent struct {
	// Type is DELETE, or absent.
	Type string `json:"type"`
	KV   struct {
		Key         []byte `json:"key"`
		Value       []byte `json:"value"`
		ModRevision string `json:"mod_revision"`
	} `json:"kv"`
}

func newReader() func(etcdEvent) (write, error) {
	scheme := story.Scheme()
	decoder := protobuf.NewSerializer(scheme, scheme)
	return func(e etcdEvent) (write, error) {
		w := write{at: time.Now(), name: strings.TrimPrefix(string(e.KV.Key), nodePrefix)}
		if e.Type == "DELETE" {
			return w, nil
		}
		w.node = &corev1.Node{}
		if _, _, err := decoder.Decode(e.KV.Value, nil, w.node); err != nil {
			return w, err
		}
		if _, err := strconv.ParseUint(e.KV.ModRevision, 10, 64); err != nil {
			return w, err
		}
		w.node.ResourceVersion = e.KV.ModRevision
		return w, nil
	}
}
