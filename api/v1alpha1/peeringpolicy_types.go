package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Mode says when a policy may taint a node.
// +kubebuilder:validation:Enum=Continuous;Bootstrap;Report
type Mode string

const (
	// ModeContinuous holds new nodes, and taints a node again when it has lost its sessions.
	ModeContinuous Mode = "Continuous"
	// ModeBootstrap holds new nodes, and lets a node be once it was confirmed.
	ModeBootstrap Mode = "Bootstrap"
	// ModeReport taints no node: conditions, events and metrics only.
	ModeReport Mode = "Report"
)

// Families says which address families the sessions between a node and a router must carry.
// +kubebuilder:validation:Enum=Any;All;IPv4;IPv6
type Families string

const (
	// FamiliesAny is satisfied by an Established session, whatever it carries.
	FamiliesAny Families = "Any"
	// FamiliesAll wants every address family that the node has an address in, from the node's sessions together: two
	// sessions of one family each, or one that carries both.
	FamiliesAll Families = "All"
	// FamiliesIPv4 wants a session that carries IPv4 unicast, over whichever of the two it runs.
	FamiliesIPv4 Families = "IPv4"
	// FamiliesIPv6 wants a session that carries IPv6 unicast, over whichever of the two it runs.
	FamiliesIPv6 Families = "IPv6"
)

// ExistingNodes says what becomes of nodes that are older than the policy and were never confirmed.
// +kubebuilder:validation:Enum=Report;Hold
type ExistingNodes string

const (
	// ExistingNodesReport reports such a node and leaves its taints alone.
	ExistingNodesReport ExistingNodes = "Report"
	// ExistingNodesHold taints such a node as if it were new.
	ExistingNodesHold ExistingNodes = "Hold"
)

// PeeringPolicySpec says what a node needs before it may take pods, and what happens when it no longer has it. A node
// that several policies select needs what each of them wants.
//
// +kubebuilder:validation:XValidation:rule="self.lossGracePeriod >= duration('0s') && self.lossGracePeriod <= duration('24h')",message="lossGracePeriod must be between 0s and 24h",fieldPath=".lossGracePeriod"
// +kubebuilder:validation:XValidation:rule="self.releaseAfter >= duration('0s') && self.releaseAfter <= duration('1h')",message="releaseAfter must be between 0s and 1h",fieldPath=".releaseAfter"
// +kubebuilder:validation:XValidation:rule="self.flapDamping >= duration('0s') && self.flapDamping <= duration('24h')",message="flapDamping must be between 0s and 24h",fieldPath=".flapDamping"
// +kubebuilder:validation:XValidation:rule="type(self.minEstablished) == string || self.minEstablished <= 2147483647",message="minEstablished must be at most 2147483647",fieldPath=".minEstablished"
// +kubebuilder:validation:XValidation:rule="type(self.maxUnpeered) == string || self.maxUnpeered <= 2147483647",message="maxUnpeered must be at most 2147483647",fieldPath=".maxUnpeered"
type PeeringPolicySpec struct {
	// nodeSelector takes the nodes that this policy is about. An empty selector takes every node.
	// +optional
	// +kubebuilder:default={}
	NodeSelector *metav1.LabelSelector `json:"nodeSelector,omitempty"`

	// minEstablished is how many of the routers whose nodeSelector takes the node must have an Established session
	// with it: a number of at least 1, or a percentage, rounded up. A number above that of the routers means all of
	// them.
	// +optional
	// +kubebuilder:default="100%"
	// +kubebuilder:validation:XIntOrString
	MinEstablished intstr.IntOrString `json:"minEstablished,omitzero"`

	// families says which address families the node's sessions with a router must carry for the router to count: Any,
	// which takes every Established session; IPv4 or IPv6; or All, every one that the node has an address in. A family
	// is carried if both sides have agreed on it. Where a router does not say, that is no answer: it neither opens a
	// node nor closes one.
	// +optional
	// +kubebuilder:default=Any
	Families Families `json:"families,omitempty"`

	// mode says when the policy may taint a node.
	// +optional
	// +kubebuilder:default=Continuous
	Mode Mode `json:"mode,omitempty"`

	// lossGracePeriod is how long a confirmed node must be without its sessions before it is tainted again. Its
	// default is longer than the 120 s that BGP graceful restart usually takes.
	// +optional
	// +kubebuilder:default="150s"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:Format=duration
	// +kubebuilder:validation:Pattern=`^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`
	// +kubebuilder:validation:MaxLength=32
	LossGracePeriod *metav1.Duration `json:"lossGracePeriod,omitempty"`

	// releaseAfter is how long a session must have been Established before it counts for a node that is held.
	// +optional
	// +kubebuilder:default="0s"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:Format=duration
	// +kubebuilder:validation:Pattern=`^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`
	// +kubebuilder:validation:MaxLength=32
	ReleaseAfter metav1.Duration `json:"releaseAfter,omitzero"`

	// flapDamping is how long the sessions of a node that flaps must have been up before it is opened again. A node
	// flaps if it was lost, opened, and lost again within twice this time. The default is how long route flap damping
	// (RFC 2439), with the values that routers usually have, keeps a route away for its third flap; 0s damps nothing.
	// +optional
	// +kubebuilder:default="30m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:Format=duration
	// +kubebuilder:validation:Pattern=`^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`
	// +kubebuilder:validation:MaxLength=32
	FlapDamping *metav1.Duration `json:"flapDamping,omitempty"`

	// maxUnpeered is how many of the policy's nodes, as a number or a percentage, rounded down, may be without their
	// sessions before Peergate suspects the observer and taints no more nodes for having lost theirs.
	// +optional
	// +kubebuilder:default="50%"
	// +kubebuilder:validation:XIntOrString
	MaxUnpeered *intstr.IntOrString `json:"maxUnpeered,omitempty"`

	// existingNodes says what becomes of nodes that are older than this policy and were never confirmed.
	// +optional
	// +kubebuilder:default=Report
	ExistingNodes ExistingNodes `json:"existingNodes,omitempty"`
}

// ConditionDisruptionGuard of a PeeringPolicy is True while more nodes than maxUnpeered are without their sessions,
// so that no further node is tainted for having lost its own.
const ConditionDisruptionGuard = "DisruptionGuard"

// The reasons of condition DisruptionGuard.
const (
	ReasonTooManyUnpeered = "TooManyUnpeered"
	ReasonWithinLimit     = "WithinLimit"
)

// ConditionFamiliesKnown of a PeeringPolicy that wants certain families is False while there are routers of platforms
// that do not say which families a session carries. Other policies do not have it.
const ConditionFamiliesKnown = "FamiliesKnown"

// The reasons of condition FamiliesKnown.
const (
	ReasonPlatformsSay     = "PlatformsSay"
	ReasonPlatformIsSilent = "PlatformIsSilent"
)

// PeeringPolicyStatus counts the nodes of a policy by what became of them.
type PeeringPolicyStatus struct {
	// conditions of the policy; see DisruptionGuard and FamiliesKnown.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that this status is of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// nodes counts the nodes that the policy selects. It is absent until they were counted.
	// +optional
	Nodes *NodeCounts `json:"nodes,omitempty"`
}

// NodeCounts counts nodes by state.
type NodeCounts struct {
	// peered nodes have the sessions their policies want.
	// +optional
	Peered int32 `json:"peered"`
	// held nodes carry the taint and were never confirmed.
	// +optional
	Held int32 `json:"held"`
	// lost nodes were confirmed, and no longer have their sessions.
	// +optional
	Lost int32 `json:"lost"`
	// reported nodes lack their sessions, and are not tainted: they are older than the policy, or its mode is Report.
	// +optional
	Reported int32 `json:"reported"`
	// exempt nodes carry the annotation peergate.dev/exempt.
	// +optional
	Exempt int32 `json:"exempt"`
	// unknown nodes are left as they are, because no router has given a fresh answer.
	// +optional
	Unknown int32 `json:"unknown"`
}

// PeeringPolicy says what a node needs before it may take pods.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories=peergate
// +kubebuilder:printcolumn:name="Mode",type=string,JSONPath=`.spec.mode`
// +kubebuilder:printcolumn:name="Peered",type=integer,JSONPath=`.status.nodes.peered`
// +kubebuilder:printcolumn:name="Held",type=integer,JSONPath=`.status.nodes.held`
// +kubebuilder:printcolumn:name="Lost",type=integer,JSONPath=`.status.nodes.lost`
// +kubebuilder:printcolumn:name="Reported",type=integer,JSONPath=`.status.nodes.reported`
// +kubebuilder:printcolumn:name="Exempt",type=integer,JSONPath=`.status.nodes.exempt`,priority=1
// +kubebuilder:printcolumn:name="Unknown",type=integer,JSONPath=`.status.nodes.unknown`
// +kubebuilder:printcolumn:name="Guard",type=string,JSONPath=`.status.conditions[?(@.type=="DisruptionGuard")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type PeeringPolicy struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says what a node needs, and what happens when it no longer has it.
	// +optional
	// +kubebuilder:default={minEstablished:"100%",lossGracePeriod:"150s",releaseAfter:"0s",flapDamping:"30m",maxUnpeered:"50%"}
	Spec PeeringPolicySpec `json:"spec,omitempty,omitzero"`
	// status counts the policy's nodes.
	// +optional
	Status PeeringPolicyStatus `json:"status,omitempty,omitzero"`
}

// PeeringPolicyList is a list of PeeringPolicies.
//
// +kubebuilder:object:root=true
type PeeringPolicyList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []PeeringPolicy `json:"items"`
}
