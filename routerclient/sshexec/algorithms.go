package sshexec

import (
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/peergate/peergate/routerclient"
)

// algorithms returns package ssh's defaults, with all key exchanges that are safe and, if legacy, with all that it has
// and calls insecure.
func algorithms(legacy bool) ssh.Config {
	var c ssh.Config
	// The defaults apply to empty lists only: appending without this call would replace them.
	c.SetDefaults()
	c.KeyExchanges = appendMissing(c.KeyExchanges, ssh.SupportedAlgorithms().KeyExchanges)
	if legacy {
		insecure := ssh.InsecureAlgorithms()
		c.KeyExchanges = appendMissing(c.KeyExchanges, insecure.KeyExchanges)
		c.Ciphers = appendMissing(c.Ciphers, insecure.Ciphers)
		c.MACs = appendMissing(c.MACs, insecure.MACs)
	}
	return c
}

func appendMissing(list, more []string) []string {
	for _, name := range more {
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// explainMismatch lists what the router offers, for the person who has to decide whether to accept it.
func (h *handshake) explainMismatch(e *ssh.AlgorithmNegotiationError) error {
	offered := clip(strings.Join(e.RequestedAlgorithms, ", "))
	switch {
	case !h.legacy && h.legacyWouldHelp(e):
		return routerclient.Errorf(routerclient.ReasonAlgorithmMismatch,
			"%s: no %s in common: the router offers only %s; set legacyAlgorithms: true to accept it", h.doing(), e.What, offered)
	case e.What == "host key" && h.peer.known():
		return routerclient.Errorf(routerclient.ReasonHostKeyMismatch,
			"%s: host key mismatch: the router offers %s, known_hosts has %s", h.doing(), offered, h.peer.describe())
	default:
		return routerclient.Errorf(routerclient.ReasonAlgorithmMismatch,
			"%s: no %s in common: the router offers only %s", h.doing(), e.What, offered)
	}
}

func (h *handshake) legacyWouldHelp(e *ssh.AlgorithmNegotiationError) bool {
	var accepted []string
	with := algorithms(true)
	switch {
	case e.What == "host key":
		accepted = h.peer.algorithms(true)
	case e.What == "key exchange":
		accepted = with.KeyExchanges
	case strings.HasSuffix(e.What, "cipher"):
		accepted = with.Ciphers
	case strings.HasSuffix(e.What, "MAC"):
		accepted = with.MACs
	}
	return slices.ContainsFunc(e.RequestedAlgorithms, func(name string) bool { return slices.Contains(accepted, name) })
}
