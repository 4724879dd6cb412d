// Package snmpwalk walks an SNMP agent's tables with SNMPv3: authenticated by a member of the SHA family, encrypted by
// AES. Nothing less is offered: community strings of versions 1 and 2c cross the network as plain text, MD5 and DES are
// broken.
//
// To the drivers it is a [routerclient.Runner] like SSH: the command is "walk OID", and the answer has a line for each
// variable below that OID, in the form of net-snmp's "snmpwalk -On -Oe":
//
//	.1.3.6.1.2.1.15.3.1.2.192.0.2.11 = INTEGER: 6
//
// A walk is whole or an error. Deadlines come from the context.
package snmpwalk

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/peergate/peergate/routerclient"
)

const (
	// requestTimeout and retries are for one request, within the caller's deadline: UDP loses packets.
	requestTimeout = 2 * time.Second
	retries        = 2
	// repetitions is how many variables one request asks for. 25 short ones fit into an Ethernet frame's payload.
	repetitions = 25
)

// Runner is a [routerclient.Runner]. It keeps what it knows of the agent (RFC 3414's engine ID and time) from one walk
// to the next, and forgets it after an error. It is not safe for concurrent use.
type Runner struct {
	config Config
	host   string
	port   uint16
	kept   *gosnmp.GoSNMP // nil if there is none
}

var _ routerclient.Runner = (*Runner)(nil)

// Run walks the subtree that the command names.
func (r *Runner) Run(ctx context.Context, command string) (routerclient.Output, error) {
	root, isWalk := strings.CutPrefix(command, "walk ")
	if _, err := parseOID(root); !isWalk || err != nil {
		return routerclient.Output{}, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "running %q: want \"walk OID\"", command)
	}
	if r.kept == nil {
		agent := r.config.agent(r.host, r.port)
		agent.Context = ctx
		if err := agent.Connect(); err != nil {
			return routerclient.Output{}, routerclient.Errorf(routerclient.ReasonUnreachable, "connecting to %s: %w", r.config.Address, err)
		}
		r.kept = agent
	}
	stdout, err := r.walk(ctx, root)
	if err != nil {
		err = r.explain(ctx, root, err)
		r.drop()
		return routerclient.Output{}, err
	}
	return routerclient.Output{Stdout: stdout}, nil
}

// walk also ends, with some error, when ctx is cancelled: gosnmp looks at deadlines only.
func (r *Runner) walk(ctx context.Context, root string) ([]byte, error) {
	r.kept.Context = ctx
	conn := r.kept.Conn
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	var answer bytes.Buffer
	err := walk(r.kept, root, func(variable gosnmp.SnmpPDU) error {
		if err := writeLine(&answer, variable); err != nil {
			return err
		}
		if answer.Len() > r.config.MaxOutput {
			return errTooLarge
		}
		return nil
	})
	if !stop() && err == nil {
		err = ctx.Err()
	}
	return answer.Bytes(), err
}

// Close forgets the agent. A later Run finds it again.
func (r *Runner) Close() error {
	r.drop()
	return nil
}

func (r *Runner) drop() {
	if r.kept != nil {
		_ = r.kept.Close()
		r.kept = nil
	}
}

var errTooLarge = errors.New("the answer is too large")
