package gobgp

import (
	"encoding/base64"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/peergate/peergate/routerclient"
)

// multiprotocol is what a neighbor announced of RFC 4760. gobgpd puts IPv4 there for one that announced nothing.
type multiprotocol struct {
	// shown is false if nothing is there: the session never came up. unread is true if something could not be read.
	shown, unread bool
	// unicast are those that carry routes to services.
	unicast []routerclient.AFI
}

func (m *multiprotocol) add(afi, safi int64) {
	m.shown = true
	if known, isUnicast := unicast(afi, safi); isUnicast {
		m.unicast = append(m.unicast, known)
	}
}

// negotiate leaves the session those of its families that the neighbor announced too, which is what gobgpd exchanges.
func (m *multiprotocol) negotiate(s *routerclient.Session) {
	if s.State != routerclient.Established || !m.shown || m.unread {
		return
	}
	s.FamiliesNegotiated = true
	s.Families = slices.DeleteFunc(s.Families, func(f routerclient.Family) bool { return !slices.Contains(m.unicast, f.AFI) })
}

// capability reads one of the neighbor's, in the form of version 4 or of version 3:
//
//	{"Cap":{"MultiProtocol":{"family":{"afi":1,"safi":1}}}}
//	{"type_url":"type.googleapis.com/apipb.MultiProtocolCapability","value":"CgQIARAB"}
func (r *peersReader) capability(m *multiprotocol) error {
	var kind, value string
	err := r.Object(func(name []byte) error {
		switch string(name) {
		case "Cap":
			return r.Member("MultiProtocol", func() error { return r.multiprotocol(m) })
		case "type_url":
			return r.String(&kind)
		case "value":
			return r.String(&value)
		}
		return r.Skip()
	})
	if err != nil || !strings.HasSuffix(kind, ".MultiProtocolCapability") {
		return err
	}
	if afi, safi, ok := decodeFamily(value); ok {
		m.add(afi, safi)
	} else {
		m.unread = true
	}
	return nil
}

func (r *peersReader) multiprotocol(m *multiprotocol) error {
	var afi, safi int64
	if err := r.Member("family", func() error { return r.family(&afi, &safi) }); err != nil {
		return err
	}
	m.add(afi, safi)
	return nil
}

// decodeFamily reads version 3's apipb.MultiProtocolCapability, whose field 1 is an apipb.Family, whose fields 1 and 2
// are numbers. It is in the wire format of Protocol Buffers, behind base64.
func decodeFamily(value string) (afi, safi int64, ok bool) {
	const familyField, afiField, safiField = 1, 1, 2
	capability, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return 0, 0, false
	}
	field, kind, tag := protowire.ConsumeTag(capability)
	if tag < 0 || field != familyField || kind != protowire.BytesType {
		return 0, 0, false
	}
	family, length := protowire.ConsumeBytes(capability[tag:])
	if length < 0 || tag+length != len(capability) {
		return 0, 0, false
	}
	for len(family) > 0 {
		field, kind, tag := protowire.ConsumeTag(family)
		if tag < 0 || kind != protowire.VarintType {
			return 0, 0, false
		}
		number, length := protowire.ConsumeVarint(family[tag:])
		if length < 0 || number > math.MaxUint16 {
			return 0, 0, false
		}
		switch field {
		case afiField:
			afi = int64(number)
		case safiField:
			safi = int64(number)
		default:
			return 0, 0, false
		}
		family = family[tag+length:]
	}
	return afi, safi, true
}
