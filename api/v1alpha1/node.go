package v1alpha1

import corev1 "k8s.io/api/core/v1"

// What Peergate reads and writes on a Node, besides its taint.
const (
	// NodeConditionBGPPeered is True while the node has the sessions its policies want, False while a router says that
	// it has not, and Unknown while no router has given a fresh answer. Peergate is its only writer.
	NodeConditionBGPPeered corev1.NodeConditionType = "BGPPeered"

	// AnnotationPrefix is the prefix of every annotation below. Changing one takes the verb "exempt" on
	// peeringpolicies.peergate.dev.
	AnnotationPrefix = "peergate.dev/"

	// AnnotationExempt frees a node from every policy. Its value says why, and must not be empty.
	AnnotationExempt = AnnotationPrefix + "exempt"

	// AnnotationBGPAddress lists, separated by commas, the addresses from which the node's BGP sessions come, where
	// these are not the node's InternalIPs.
	AnnotationBGPAddress = AnnotationPrefix + "bgp-address"

	// AnnotationConfirmedAt is the time, in RFC 3339, at which the routers first confirmed the node. Peergate writes it,
	// in the same patch that removes the taint.
	AnnotationConfirmedAt = AnnotationPrefix + "confirmed-at"

	// AnnotationReopenedAt is the time, in RFC 3339, at which the node was last opened after it had been lost. Peergate
	// writes it, in the same patch that removes the taint, and tells by it a node that flaps.
	AnnotationReopenedAt = AnnotationPrefix + "reopened-at"
)

// VerbExempt is the RBAC verb on peeringpolicies.peergate.dev without which nobody may change the taint of a node or
// an annotation with AnnotationPrefix.
const VerbExempt = "exempt"
