package main

import (
	"context"
	"fmt"

	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// eventRecorded looks for an Event of the held node. Those of Nodes, which have no namespace, are in default.
func (st *stage) eventRecorded(ctx context.Context, reason string) error {
	var events eventsv1.EventList
	if err := st.client.List(ctx, &events, client.InNamespace(metav1.NamespaceDefault)); err != nil {
		return err
	}
	var reasons []string
	for _, event := range events.Items {
		if event.Regarding.Kind != "Node" || event.Regarding.Name != forgottenNode {
			continue
		}
		if event.Reason == reason {
			return nil
		}
		reasons = append(reasons, event.Reason)
	}
	return fmt.Errorf("the node's Events are %v", reasons)
}
