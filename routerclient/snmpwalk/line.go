package snmpwalk

import (
	"bytes"
	"fmt"

	"github.com/gosnmp/gosnmp"
)

// typeNames are net-snmp's names of the types whose values print as they are.
var typeNames = map[gosnmp.Asn1BER]string{
	gosnmp.Integer:          "INTEGER",
	gosnmp.ObjectIdentifier: "OID",
	gosnmp.IPAddress:        "IpAddress",
	gosnmp.Counter32:        "Counter32",
	gosnmp.Gauge32:          "Gauge32",
	gosnmp.Counter64:        "Counter64",
}

// writeLine returns an error for a type that no MIB of BGP has.
func writeLine(b *bytes.Buffer, variable gosnmp.SnmpPDU) error {
	fmt.Fprintf(b, "%s = ", variable.Name)
	name, known := typeNames[variable.Type]
	octets, isOctets := variable.Value.([]byte)
	switch {
	case known:
		fmt.Fprintf(b, "%s: %v\n", name, variable.Value)
	case variable.Type == gosnmp.TimeTicks:
		fmt.Fprintf(b, "Timeticks: (%v)\n", variable.Value)
	case variable.Type == gosnmp.OctetString && isOctets && isText(octets):
		fmt.Fprintf(b, "STRING: \"%s\"\n", octets)
	case variable.Type == gosnmp.OctetString && isOctets:
		fmt.Fprintf(b, "Hex-STRING: % X\n", octets)
	default:
		return fmt.Errorf("variable %s is of type %v, which is not in the MIBs of BGP", variable.Name, variable.Type)
	}
	return nil
}

// isText is false for a text that would need escapes between the quotes.
func isText(octets []byte) bool {
	for _, b := range octets {
		if b < ' ' || b > '~' || b == '"' || b == '\\' {
			return false
		}
	}
	return true
}
