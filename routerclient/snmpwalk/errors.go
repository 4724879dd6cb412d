package snmpwalk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/gosnmp/gosnmp"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// isRefusal is true for an agent that refuses the user. It says why in a report that is not signed (RFC 3414 section
// 3.2), which gosnmp does not take from an agent it knows: there is only the text of its error, which a test holds.
func isRefusal(err error) bool {
	for _, report := range []error{
		gosnmp.ErrUnknownUsername, gosnmp.ErrWrongDigest, gosnmp.ErrDecryption, gosnmp.ErrUnknownSecurityLevel,
	} {
		if errors.Is(err, report) {
			return true
		}
	}
	return strings.Contains(err.Error(), "not authentic")
}

// explain gives the error of a walk a reason. Parts of the error's text may come from the agent, so it is clipped.
func (r *Runner) explain(ctx context.Context, root string, err error) error {
	doing := fmt.Sprintf("walking %s on %s as %q", root, r.config.Address, r.config.Username)
	status, isStatus := errors.AsType[statusError](err)
	_, isNetwork := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return routerclient.Errorf(routerclient.ReasonUnreachable, "%s: %w", doing, ctx.Err())
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded), errors.Is(err, gosnmp.ErrMaxRetriesExceeded):
		return routerclient.Errorf(routerclient.ReasonTimeout, "%s: %s", doing, r.silence())
	case errors.Is(err, errTooLarge):
		return routerclient.Errorf(routerclient.ReasonAnswerTooLarge, "%s: more than %d bytes", doing, r.config.MaxOutput)
	case isStatus && (gosnmp.SNMPError(status) == gosnmp.AuthorizationError || gosnmp.SNMPError(status) == gosnmp.NoAccess):
		return routerclient.Errorf(routerclient.ReasonPermissionDenied, "%s: the user may read nothing there", doing)
	case isNetwork:
		return routerclient.Errorf(routerclient.ReasonUnreachable, "%s: %w", doing, err)
	case isRefusal(err):
		return routerclient.Errorf(routerclient.ReasonAuthenticationFailed,
			"%s: the agent does not know the user, or %s or %s is not the user's, or the user has no privacy there", doing, keyAuthPassword, keyAuthProtocol)
	}
	const limit = 200
	return routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: %s", doing, bgptext.Printable(err.Error(), limit))
}

// silence says what an agent's silence may mean. Net-snmp drops what it cannot decrypt without a word.
func (r *Runner) silence() string {
	if user, ok := r.kept.SecurityParameters.(*gosnmp.UsmSecurityParameters); ok && user.AuthoritativeEngineID != "" {
		return fmt.Sprintf("no answer, although the agent answered before: it is busy, or %s or %s is not the user's", keyPrivPassword, keyPrivProtocol)
	}
	return "no answer: there is no agent, or it does not serve this client's address"
}
