// Package remedy holds what the remedies of all platforms have in common: placeholders for what is not known, and the
// notes that explain them.
package remedy

import (
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient"
)

// UnknownRemoteASN and UnknownLocalASN stand in a line for a number that the person who types it has to fill in.
const (
	UnknownRemoteASN = "<ASN of the nodes>"
	UnknownLocalASN  = "<ASN of the router>"
)

// RemoteASN returns the nodes' AS number, or its placeholder.
func RemoteASN(m routerclient.Missing) string { return asnOr(m.RemoteASN, UnknownRemoteASN) }

// LocalASN returns the router's own AS number, or its placeholder.
func LocalASN(m routerclient.Missing) string { return asnOr(m.LocalASN, UnknownLocalASN) }

func asnOr(asn uint32, placeholder string) string {
	if asn == 0 {
		return placeholder
	}
	return strconv.FormatUint(uint64(asn), 10)
}

// VRF returns the VRF to configure the neighbor in, or "" for the default one.
func VRF(m routerclient.Missing) string {
	if m.VRF == routerclient.DefaultVRF || m.VRF == "*" {
		return ""
	}
	return m.VRF
}

// UnknownGroup stands for the name of a peer group where the siblings are in none.
const UnknownGroup = "<peer group>"

// Group returns the peer group of the siblings, or its placeholder.
func Group(m routerclient.Missing) string {
	if m.PeerGroup == "" {
		return UnknownGroup
	}
	return m.PeerGroup
}

// Subnet is the note that a line would accept every node of a subnet, so that none is ever missing.
func Subnet(line string) string {
	return "To accept all nodes of a subnet instead, once and for all: " + line
}

// New returns the remedy with the lines, and with a note made of the notes that are not empty and of one for each
// placeholder in the lines.
func New(lines []string, notes ...string) routerclient.Remedy {
	typed := strings.Join(lines, "\n")
	for _, placeholder := range []string{UnknownLocalASN, UnknownRemoteASN} {
		if strings.Contains(typed, placeholder) {
			notes = append(notes, "Replace "+placeholder+" by the number.")
		}
	}
	said := notes[:0:0]
	for _, note := range notes {
		if note != "" {
			said = append(said, note)
		}
	}
	return routerclient.Remedy{Lines: lines, Note: strings.Join(said, " ")}
}
