package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// requests are what the API server has counted of requests for Nodes and Events, and of webhook calls.
type requests struct {
	// NodeSpec and NodeStatus are patches of a Node's two halves; NodeReads are gets and lists.
	NodeSpec, NodeStatus, NodeReads int
	// Refused are patches of Nodes that were answered with a conflict or a failed test.
	Refused int
	// Events are writes of Events.
	Events int
	// Webhooks are calls of Peergate's.
	Webhooks int
}

// requests reads the API server's own metrics.
func (b *rig) requests(ctx context.Context) (requests, error) {
	text, err := b.nodes.CoreV1().RESTClient().Get().AbsPath("/metrics").SetHeader("Accept", "text/plain").DoRaw(ctx)
	if err != nil {
		return requests{}, fmt.Errorf("reading the API server's metrics: %w", err)
	}
	var r requests
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if err := r.add(lines.Text()); err != nil {
			return requests{}, fmt.Errorf("reading the API server's metrics: %q: %w", lines.Text(), err)
		}
	}
	return r, lines.Err()
}

var label = regexp.MustCompile(`(\w+)="([^"]*)"`)

// add counts a line of the text format, if it is one of those that matter here.
func (r *requests) add(line string) error {
	name, rest, _ := strings.Cut(line, "{")
	if name != "apiserver_request_total" && name != "apiserver_admission_webhook_request_total" {
		return nil
	}
	labels := map[string]string{}
	for _, match := range label.FindAllStringSubmatch(rest, -1) {
		labels[match[1]] = match[2]
	}
	value, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
	if err != nil {
		return err
	}
	r.count(name, labels, int(value))
	return nil
}

func (r *requests) count(name string, labels map[string]string, value int) {
	switch {
	case name == "apiserver_admission_webhook_request_total":
		if strings.HasSuffix(labels["name"], "peergate.dev") {
			r.Webhooks += value
		}
	case labels["resource"] == "events" && (labels["verb"] == "POST" || labels["verb"] == "PATCH" || labels["verb"] == "PUT"):
		r.Events += value
	case labels["resource"] != "nodes":
	case labels["verb"] == "GET" || labels["verb"] == "LIST":
		r.NodeReads += value
	case labels["verb"] == "PATCH" && (labels["code"] == "409" || labels["code"] == "422"):
		r.Refused += value
	case labels["verb"] == "PATCH" && labels["subresource"] == "status":
		r.NodeStatus += value
	case labels["verb"] == "PATCH":
		r.NodeSpec += value
	}
}

func (r requests) minus(before requests) requests {
	return requests{
		NodeSpec: r.NodeSpec - before.NodeSpec, NodeStatus: r.NodeStatus - before.NodeStatus, NodeReads: r.NodeReads - before.NodeReads,
		Refused: r.Refused - before.Refused, Events: r.Events - before.Events, Webhooks: r.Webhooks - before.Webhooks,
	}
}
