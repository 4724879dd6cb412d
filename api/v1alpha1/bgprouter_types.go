package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// BGPRouterSpec says how to reach a router, and which nodes peer with it.
type BGPRouterSpec struct {
	// address is the router's host name or IP address, with an optional port: "192.168.3.1", "[fd00::1]:2222".
	// The port is the transport's usual one if it is left out: 22 for SSH, 443 for HTTPS, 161 for SNMP.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=262
	Address string `json:"address"`

	// platform is the router's operating system, which decides the commands that are run there: FRR, EdgeOS, VyOS,
	// UniFi and others. A name that is not known is refused, with the list of those that are.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	Platform string `json:"platform"`

	// transport is the way to the router, for platforms that have more than one: SSH, HTTPS or SNMP. If it is left out,
	// it is the platform's usual one.
	// +optional
	// +kubebuilder:validation:Enum=SSH;HTTPS;SNMP
	Transport string `json:"transport,omitempty"`

	// credentialsSecretRef names a Secret in the namespace of the manager. Its keys are, over SSH, username, password or
	// ssh-privatekey or both, and known_hosts, with the router's host key as ssh-keyscan prints it; over HTTPS, username
	// and password, or token, and ca.crt or tls_fingerprint; over SNMP, username, auth_password and priv_password.
	// +required
	CredentialsSecretRef SecretReference `json:"credentialsSecretRef"`

	// vrf is the VRF in which the nodes are neighbors; "*" is any.
	// +optional
	// +kubebuilder:default=default
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	VRF string `json:"vrf,omitempty"`

	// nodeSelector takes the nodes that peer with this router, such as those of its rack. An empty selector takes
	// every node.
	// +optional
	// +kubebuilder:default={}
	NodeSelector *metav1.LabelSelector `json:"nodeSelector,omitempty"`

	// commandPrefix is put before each command, such as [sudo, -n].
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	CommandPrefix []string `json:"commandPrefix,omitempty"`

	// legacyAlgorithms lets SSH fall back to algorithms that are broken or weak, for routers that know no others.
	// +optional
	LegacyAlgorithms bool `json:"legacyAlgorithms,omitempty"`

	// poll says how often the router is asked.
	// +optional
	// +kubebuilder:default={interval:"30s",fastInterval:"1s",timeout:"10s",staleAfter:"90s"}
	Poll PollSpec `json:"poll,omitempty,omitzero"`

	// bmp lets the router tell of its sessions by itself, over the BGP Monitoring Protocol (RFC 7854), beside being
	// asked. The router connects to Peergate; an empty object lets it do so from the IP address that is spec.address.
	// +optional
	BMP *BMPSpec `json:"bmp,omitempty"`
}

// BMPSpec says who may send the BGP Monitoring Protocol for a router.
type BMPSpec struct {
	// sourceAddresses are the IP addresses from which the router connects. They are needed where that is another than
	// spec.address, or spec.address is a host name. Two routers that would connect from one address cannot be told apart, and
	// neither is heard, unless their vrf differs.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=2
	// +kubebuilder:validation:items:MaxLength=45
	SourceAddresses []string `json:"sourceAddresses,omitempty"`

	// tls makes the router, or the proxy in front of it, connect with TLS and a certificate.
	// +optional
	TLS *BMPTLSSpec `json:"tls,omitempty"`
}

// BMPTLSSpec is how a BMP connection is secured.
type BMPTLSSpec struct {
	// secretRef names a Secret in the namespace of the manager, of type kubernetes.io/tls: tls.crt and tls.key are what
	// the manager shows, and ca.crt are the authorities of which the sender must have a certificate.
	// +required
	SecretRef SecretReference `json:"secretRef"`
}

// SecretReference names a Secret in the namespace of the manager.
type SecretReference struct {
	// name of the Secret.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// PollSpec says how often a router is asked, and how long an answer is worth something.
//
// +kubebuilder:validation:XValidation:rule="self.interval >= duration('1s') && self.interval <= duration('1h')",message="interval must be between 1s and 1h",fieldPath=".interval"
// +kubebuilder:validation:XValidation:rule="self.fastInterval >= duration('100ms') && self.fastInterval <= self.interval",message="fastInterval must be at least 100ms and no longer than interval",fieldPath=".fastInterval"
// +kubebuilder:validation:XValidation:rule="self.timeout >= duration('1s') && self.timeout <= duration('5m')",message="timeout must be between 1s and 5m",fieldPath=".timeout"
// +kubebuilder:validation:XValidation:rule="self.staleAfter >= self.interval + self.timeout",message="staleAfter must be at least interval and timeout together, or every answer would be stale before the next",fieldPath=".staleAfter"
type PollSpec struct {
	// interval between two polls while no node waits for this router.
	// +optional
	// +kubebuilder:default="30s"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:Format=duration
	// +kubebuilder:validation:Pattern=`^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`
	// +kubebuilder:validation:MaxLength=32
	Interval metav1.Duration `json:"interval,omitzero"`

	// fastInterval is the interval between two polls just after a node began to wait for this router. It grows with
	// the wait, to a tenth of it, until it reaches interval.
	// +optional
	// +kubebuilder:default="1s"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:Format=duration
	// +kubebuilder:validation:Pattern=`^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`
	// +kubebuilder:validation:MaxLength=32
	FastInterval metav1.Duration `json:"fastInterval,omitzero"`

	// timeout bounds one poll: connection, login, commands and output together.
	// +optional
	// +kubebuilder:default="10s"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:Format=duration
	// +kubebuilder:validation:Pattern=`^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`
	// +kubebuilder:validation:MaxLength=32
	Timeout metav1.Duration `json:"timeout,omitzero"`

	// staleAfter is the age at which an answer no longer says anything about a node.
	// +optional
	// +kubebuilder:default="90s"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:Format=duration
	// +kubebuilder:validation:Pattern=`^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`
	// +kubebuilder:validation:MaxLength=32
	StaleAfter metav1.Duration `json:"staleAfter,omitzero"`
}

// ConditionReachable of a BGPRouter is True while the router answers, and False with the reason while it does not.
const ConditionReachable = "Reachable"

// ReasonAnswered is the reason of condition Reachable while it is True. The reasons of a False one are those of
// package routerclient.
const ReasonAnswered = "Answered"

// ConditionBMPConnected of a BGPRouter with spec.bmp is True while the router tells of its sessions by itself, and False
// with the reason once it has not for half a minute.
const ConditionBMPConnected = "BMPConnected"

// The reasons of condition BMPConnected.
const (
	// ReasonBMPStreaming: the router is connected.
	ReasonBMPStreaming = "Streaming"
	// ReasonBMPNoConnection: the router has not connected since this manager began to lead.
	ReasonBMPNoConnection = "NoConnection"
	// ReasonBMPConnectionLost: the connection ended, without a reason from the router.
	ReasonBMPConnectionLost = "ConnectionLost"
	// ReasonBMPTerminated: the router closed the connection, with a reason.
	ReasonBMPTerminated = "Terminated"
	// ReasonBMPProtocolError: what came was not the BGP Monitoring Protocol, or half a message.
	ReasonBMPProtocolError = "ProtocolError"
	// ReasonBMPTLSFailed: there is no TLS connection, for want of a certificate on either side.
	ReasonBMPTLSFailed = "TLSFailed"
	// ReasonBMPAddressShared: routers that cannot be told apart would connect from the same address.
	ReasonBMPAddressShared = "AddressShared"
	// ReasonBMPNotListening: the manager cannot listen.
	ReasonBMPNotListening = "NotListening"
)

// BGPRouterStatus is what the router last answered. It is written when something in it changes, not at each poll.
type BGPRouterStatus struct {
	// conditions of the router; see Reachable.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedGeneration is the generation of the spec that this status is of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// routerID is the router's BGP identifier.
	// +optional
	RouterID string `json:"routerID,omitempty"`

	// localASN is the router's own AS number.
	// +optional
	LocalASN int64 `json:"localASN,omitempty"`

	// lastContact is when the router last gave a whole answer. It is set while Reachable is not True, because a time
	// that moves with every poll would cost a write each.
	// +optional
	LastContact *metav1.Time `json:"lastContact,omitempty"`

	// sessions counts the router's BGP sessions in the VRF of the spec. It is absent until the router has answered.
	// +optional
	Sessions *SessionCounts `json:"sessions,omitempty"`

	// strayNeighbors is how many of the router's neighbors are not a node: other routers, and what is left of nodes
	// that are gone.
	// +optional
	StrayNeighbors *int32 `json:"strayNeighbors,omitempty"`
}

// SessionCounts counts BGP sessions.
type SessionCounts struct {
	// established sessions.
	// +optional
	Established int32 `json:"established"`
	// down counts the sessions in every other state.
	// +optional
	Down int32 `json:"down"`
}

// BGPRouter is a router that knows the nodes as BGP neighbors.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories=peergate
// +kubebuilder:printcolumn:name="Address",type=string,JSONPath=`.spec.address`
// +kubebuilder:printcolumn:name="Platform",type=string,JSONPath=`.spec.platform`
// +kubebuilder:printcolumn:name="Reachable",type=string,JSONPath=`.status.conditions[?(@.type=="Reachable")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Reachable")].reason`
// +kubebuilder:printcolumn:name="Established",type=integer,JSONPath=`.status.sessions.established`
// +kubebuilder:printcolumn:name="Down",type=integer,JSONPath=`.status.sessions.down`
// +kubebuilder:printcolumn:name="Stray",type=integer,JSONPath=`.status.strayNeighbors`,priority=1
// +kubebuilder:printcolumn:name="ASN",type=integer,JSONPath=`.status.localASN`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type BGPRouter struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says how to reach the router, and which nodes peer with it.
	// +required
	Spec BGPRouterSpec `json:"spec"`
	// status is what the router last answered.
	// +optional
	Status BGPRouterStatus `json:"status,omitempty,omitzero"`
}

// BGPRouterList is a list of BGPRouters.
//
// +kubebuilder:object:root=true
type BGPRouterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []BGPRouter `json:"items"`
}
