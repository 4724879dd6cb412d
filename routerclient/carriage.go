package routerclient

// Carriage is whether a session carries the routes of an address family.
type Carriage int

// CarriageUnknown is what a router does not say; it is never the same as NotCarried.
const (
	CarriageUnknown Carriage = iota
	NotCarried
	Carried
)

// Carries is whether the session carries the routes of an address family, as far as the router says. A family that the
// router is merely configured for counts if prefixes came in it, or if it is the only one: two sides without a family in
// common end the session (RFC 5492 section 3).
func (s Session) Carries(afi AFI) Carriage {
	if s.State != Established {
		return NotCarried
	}
	for _, f := range s.Families {
		switch {
		case f.AFI != afi:
		case s.FamiliesNegotiated || f.Received > 0 || len(s.Families) == 1:
			return Carried
		default:
			return CarriageUnknown
		}
	}
	if len(s.Families) == 0 && !s.FamiliesNegotiated {
		return CarriageUnknown
	}
	return NotCarried
}
