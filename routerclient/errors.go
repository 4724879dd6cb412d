package routerclient

import (
	"context"
	"errors"
	"fmt"
)

// Reason says in one word why a router gave no usable answer. The words appear as they are in conditions, events and
// metrics, and are part of the API.
type Reason string

// The reasons a router's answer is unknown. None of them says anything about a neighbor.
const (
	// ReasonUnreachable: no TCP connection, or it broke before the answer.
	ReasonUnreachable Reason = "RouterUnreachable"
	// ReasonTimeout: connected, but no whole answer within the deadline.
	ReasonTimeout Reason = "RouterTimeout"
	// ReasonAuthenticationFailed: the router refused every credential offered.
	ReasonAuthenticationFailed Reason = "AuthenticationFailed"
	// ReasonHostKeyMismatch: the router's host key is not the one in known_hosts.
	ReasonHostKeyMismatch Reason = "HostKeyMismatch"
	// ReasonHostKeyUnknown: known_hosts has no entry for the router.
	ReasonHostKeyUnknown Reason = "HostKeyUnknown"
	// ReasonCertificateUntrusted: the router's TLS certificate is neither the pinned one nor issued by a trusted
	// authority for the router's address.
	ReasonCertificateUntrusted Reason = "CertificateUntrusted"
	// ReasonAlgorithmMismatch: no SSH or TLS algorithm in common.
	ReasonAlgorithmMismatch Reason = "AlgorithmMismatch"
	// ReasonCredentialsInvalid: the Secret is missing, lacks a key, or holds one that cannot be parsed.
	ReasonCredentialsInvalid Reason = "CredentialsInvalid"
	// ReasonPlatformUnknown: there is no driver for the platform.
	ReasonPlatformUnknown Reason = "PlatformUnknown"
	// ReasonPermissionDenied: logged in, but the account may not run the command.
	ReasonPermissionDenied Reason = "PermissionDenied"
	// ReasonBGPNotRunning: the router answered that it runs no BGP.
	ReasonBGPNotRunning Reason = "BGPNotRunning"
	// ReasonAnswerTruncated: the answer ends early, or has fewer neighbors than the router's own count.
	ReasonAnswerTruncated Reason = "AnswerTruncated"
	// ReasonAnswerTooLarge: the answer passes the limit on its size.
	ReasonAnswerTooLarge Reason = "AnswerTooLarge"
	// ReasonAnswerNotUnderstood: the answer is not in the platform's format.
	ReasonAnswerNotUnderstood Reason = "AnswerNotUnderstood"
)

// Error is an error of a router, or of the way to it.
type Error struct {
	Reason Reason
	Err    error
}

// Errorf returns an *Error with the reason and a message formatted as by [fmt.Errorf], %w included.
func Errorf(reason Reason, format string, args ...any) error {
	return &Error{Reason: reason, Err: fmt.Errorf(format, args...)}
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// ReasonOf returns the reason an error carries. An error without one is a timeout if it is a deadline's, and
// otherwise counts as unreachable.
func ReasonOf(err error) Reason {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return ReasonTimeout
	}
	return ReasonUnreachable
}
