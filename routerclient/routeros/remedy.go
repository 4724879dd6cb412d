package routeros

import (
	"fmt"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/remedy"
)

// Remedy adds the neighbor in RouterOS 7. A sibling's template brings the router's AS number and the address families
// with it.
func Remedy(m routerclient.Missing) routerclient.Remedy {
	notes := []string{"From RouterOS 7.20 on a connection also needs instance=, the name of the BGP instance that its siblings have."}
	if m.PeerGroup == "" && m.Peer.Is6() {
		notes = append(notes, "Since then address-families= is called afi=.")
	}
	if role(m) == unknownRole {
		notes = append(notes, "Replace "+unknownRole+" by ibgp if the nodes have the router's AS number, and by ebgp if not.")
	}
	// RouterOS takes no more than 256 connections from one subnet (RouterOS documentation, BGP, "listen").
	notes = append(notes, remedy.Subnet(add(m, "kubernetes-nodes", "<subnet>")+" connect=no listen=yes."))
	return remedy.New([]string{add(m, name(m), m.Peer.String())}, notes...)
}

// add is the line that adds a connection to one address, or to all of a subnet's.
func add(m routerclient.Missing, name, to string) string {
	line := fmt.Sprintf("/routing/bgp/connection/add name=%s remote.address=%s remote.as=%s local.role=%s",
		name, to, remedy.RemoteASN(m), role(m))
	if vrf := remedy.VRF(m); vrf != "" {
		line += " vrf=" + quote(vrf)
	}
	switch {
	case m.PeerGroup != "":
		return line + " templates=" + quote(m.PeerGroup)
	case m.Peer.Is6():
		return line + " as=" + remedy.LocalASN(m) + " address-families=ipv6"
	}
	return line + " as=" + remedy.LocalASN(m)
}

// Remedy6 adds the neighbor in RouterOS 6, in the instance called default, or in the one that serves the VRF.
func Remedy6(m routerclient.Missing) routerclient.Remedy {
	line := fmt.Sprintf("/routing bgp peer add name=%s remote-address=%s remote-as=%s", name(m), m.Peer, remedy.RemoteASN(m))
	if m.Peer.Is6() {
		line += " address-families=ipv6"
	}
	note := ""
	if vrf := remedy.VRF(m); vrf != "" {
		line += " instance=" + unknownInstance
		note = fmt.Sprintf("Replace %s by the name of the BGP instance with routing-table=%s.", unknownInstance, quote(vrf))
	}
	return remedy.New([]string{line}, note)
}

const (
	unknownRole     = "<ebgp or ibgp>"
	unknownInstance = "<instance of the VRF>"
)

// role is what RouterOS 7 wants to be told although the AS numbers say it.
func role(m routerclient.Missing) string {
	switch {
	case m.LocalASN == 0 || m.RemoteASN == 0:
		return unknownRole
	case m.LocalASN == m.RemoteASN:
		return "ibgp"
	}
	return "ebgp"
}

// name makes a name of the address, without the characters that RouterOS would want quoted.
func name(m routerclient.Missing) string {
	return "node-" + strings.NewReplacer(".", "-", ":", "-").Replace(m.Peer.String())
}

// quote returns a value as RouterOS' command line reads it back.
func quote(value string) string {
	if strings.Trim(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.,") == "" {
		return value
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`).Replace(value) + `"`
}
