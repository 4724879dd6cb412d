package verdict

// Reason says in one word why an answer or a decision is what it is. The words appear as they are in conditions,
// events and metrics, and are part of the API. Where a router could not be read, the reason is that of package
// routerclient.
type Reason string

// The reasons of what a router says of a node.
const (
	ReasonSessionEstablished    Reason = "SessionEstablished"
	ReasonSessionDown           Reason = "SessionDown"
	ReasonAdministrativelyDown  Reason = "AdministrativelyDown"
	ReasonNotConnected          Reason = "NotConnected"
	ReasonNeighborNotConfigured Reason = "NeighborNotConfigured"
	ReasonNotAskedYet           Reason = "NotAskedYet"
	ReasonAnswerStale           Reason = "AnswerStale"
	ReasonNoAddress             Reason = "NoAddress"
	ReasonFamilyNotNegotiated   Reason = "FamilyNotNegotiated"
	ReasonFamilyUnknown         Reason = "FamilyUnknown"
)

// The reasons of a decision that are not those of an answer.
const (
	ReasonExempt        Reason = "Exempt"
	ReasonNoRouter      Reason = "NoRouter"
	ReasonSettling      Reason = "Settling"
	ReasonFlapping      Reason = "Flapping"
	ReasonNotSelected   Reason = "NotSelected"
	ReasonInvalidPolicy Reason = "InvalidPolicy"
)
