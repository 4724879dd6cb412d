package snmpwalk

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/gosnmp/gosnmp"

	"github.com/peergate/peergate/routerclient"
)

const (
	defaultPort = "161"
	// defaultMaxOutput holds a column of a table with two hundred thousand neighbors.
	defaultMaxOutput = 16 << 20
	// minPassword is what RFC 3414 section 11.2 demands, in bytes. Agents refuse shorter ones.
	minPassword = 8
)

// The keys of the Secret that Config's fields come from, as error messages name them.
const (
	keyUsername     = "username"
	keyAuthPassword = "auth_password"
	keyPrivPassword = "priv_password"
	keyAuthProtocol = "auth_protocol"
	keyPrivProtocol = "priv_protocol"
)

// Config says how to reach one agent and who asks it.
type Config struct {
	// Address is a host name or IP address with an optional UDP port, which is 161 by default. IPv6 with a port has
	// brackets.
	Address  string
	Username string
	// AuthPassword and PrivPassword are the user's two passphrases, of at least 8 bytes each.
	AuthPassword, PrivPassword string
	// AuthProtocol is SHA (that is, SHA-1), SHA-224, SHA-256, SHA-384 or SHA-512; "" stands for SHA-256.
	AuthProtocol string
	// PrivProtocol is AES (of 128 bits), AES-192, AES-256, or AES-192-C and AES-256-C, whose keys are made as Cisco
	// does it; "" stands for AES.
	PrivProtocol string
	// MaxOutput bounds the answer to one command, in bytes; 0 stands for 16 MiB.
	MaxOutput int
}

// authProtocols and privProtocols are by name without dashes. MD5 and DES are missing on purpose.
var (
	authProtocols = map[string]gosnmp.SnmpV3AuthProtocol{
		"": gosnmp.SHA256, "SHA": gosnmp.SHA, "SHA1": gosnmp.SHA, "SHA224": gosnmp.SHA224, "SHA256": gosnmp.SHA256,
		"SHA384": gosnmp.SHA384, "SHA512": gosnmp.SHA512,
	}
	privProtocols = map[string]gosnmp.SnmpV3PrivProtocol{
		"": gosnmp.AES, "AES": gosnmp.AES, "AES128": gosnmp.AES, "AES192": gosnmp.AES192, "AES256": gosnmp.AES256,
		"AES192C": gosnmp.AES192C, "AES256C": gosnmp.AES256C,
	}
)

// New returns a Runner, or an error that names what in the configuration is missing or cannot be used. It sends
// nothing.
func New(c Config) (*Runner, error) {
	host, port, err := splitAddress(c.Address)
	if err != nil {
		return nil, err
	}
	if err := checkText(keyUsername, c.Username, 1); err != nil {
		return nil, err
	}
	if err := checkText(keyAuthPassword, c.AuthPassword, minPassword); err != nil {
		return nil, err
	}
	if err := checkText(keyPrivPassword, c.PrivPassword, minPassword); err != nil {
		return nil, err
	}
	if _, known := authProtocols[fold(c.AuthProtocol)]; !known {
		return nil, invalidKey(keyAuthProtocol, errors.New("want SHA, SHA-224, SHA-256, SHA-384 or SHA-512"))
	}
	if _, known := privProtocols[fold(c.PrivProtocol)]; !known {
		return nil, invalidKey(keyPrivProtocol, errors.New("want AES, AES-192, AES-256, AES-192-C or AES-256-C"))
	}
	if c.MaxOutput == 0 {
		c.MaxOutput = defaultMaxOutput
	}
	return &Runner{config: c, host: host, port: port}, nil
}

func fold(protocol string) string { return strings.ToUpper(strings.ReplaceAll(protocol, "-", "")) }

func (c Config) agent(host string, port uint16) *gosnmp.GoSNMP {
	return &gosnmp.GoSNMP{
		Target:        host,
		Port:          port,
		Version:       gosnmp.Version3,
		Timeout:       requestTimeout,
		Retries:       retries,
		SecurityModel: gosnmp.UserSecurityModel,
		MsgFlags:      gosnmp.AuthPriv,
		SecurityParameters: &gosnmp.UsmSecurityParameters{
			UserName:                 c.Username,
			AuthenticationProtocol:   authProtocols[fold(c.AuthProtocol)],
			AuthenticationPassphrase: c.AuthPassword,
			PrivacyProtocol:          privProtocols[fold(c.PrivProtocol)],
			PrivacyPassphrase:        c.PrivPassword,
		},
	}
}

func splitAddress(address string) (host string, port uint16, err error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		host, portText = strings.Trim(address, "[]"), defaultPort
	}
	if _, notIP := netip.ParseAddr(host); host == "" || notIP != nil && strings.ContainsAny(host, ":[]/ ") {
		return "", 0, routerclient.Errorf(routerclient.ReasonUnreachable, "address %q: want a host or IP address, with or without :port", address)
	}
	n, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || n == 0 {
		return "", 0, routerclient.Errorf(routerclient.ReasonUnreachable, "address %q: want a port from 1 to 65535", address)
	}
	return host, uint16(n), nil
}

// checkText refuses line breaks: they come from `echo`, and the agent would only say that the password is wrong.
func checkText(key, text string, shortest int) error {
	switch {
	case text == "":
		return routerclient.Errorf(routerclient.ReasonCredentialsInvalid, "the Secret has no key %q", key)
	case strings.ContainsAny(text, "\r\n"):
		return invalidKey(key, errors.New("the value contains a line break"))
	case len(text) < shortest:
		return invalidKey(key, fmt.Errorf("the value is shorter than %d bytes", shortest))
	}
	return nil
}

func invalidKey(key string, err error) error {
	return routerclient.Errorf(routerclient.ReasonCredentialsInvalid, "key %q of the Secret: %w", key, err)
}
