package snmpwalk

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gosnmp/gosnmp"
)

// statusError is an error status of RFC 3416 section 3 in an agent's response.
type statusError gosnmp.SNMPError

func (e statusError) Error() string {
	return "the agent answers with the error " + gosnmp.SNMPError(e).String()
}

// walk calls visit for each variable below root, in the agent's order. gosnmp's own walks are not used because they
// take any error of the agent for the end of the table, and so a part of it for the whole.
func walk(agent *gosnmp.GoSNMP, root string, visit func(gosnmp.SnmpPDU) error) error {
	root = "." + strings.TrimPrefix(root, ".")
	at, err := parseOID(root)
	if err != nil {
		return err
	}
	next, count := root, uint32(repetitions)
	for {
		response, err := agent.GetBulk([]string{next}, 0, count)
		switch {
		case err != nil:
			return err
		case response.Error == gosnmp.TooBig && count > 1:
			count /= 2
			continue
		case response.Error != gosnmp.NoError:
			return statusError(response.Error)
		case len(response.Variables) == 0:
			return errors.New("the agent answers without variables")
		case response.PDUType == gosnmp.Report:
			// gosnmp returns the second report in a row as if it were the answer. It names no row, as the end of a table does.
			return fmt.Errorf("the agent sends a report in place of an answer: %s", response.Variables[0].Name)
		}
		for _, variable := range response.Variables {
			if variable.Type == gosnmp.EndOfMibView || !strings.HasPrefix(variable.Name, root+".") {
				return nil
			}
			name, err := parseOID(variable.Name)
			if err != nil {
				return err
			}
			if slices.Compare(name, at) <= 0 {
				return fmt.Errorf("the agent goes back from %s to %s", next, variable.Name)
			}
			if err := visit(variable); err != nil {
				return err
			}
			next, at = variable.Name, name
		}
	}
}

// parseOID reads an OID with or without a leading dot.
func parseOID(s string) ([]uint32, error) {
	var oid []uint32
	for part := range strings.SplitSeq(strings.TrimPrefix(s, "."), ".") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("reading OID %q: not numbers of 32 bits", s)
		}
		oid = append(oid, uint32(n))
	}
	if len(oid) < 2 {
		return nil, fmt.Errorf("reading OID %q: fewer than two numbers", s)
	}
	return oid, nil
}
