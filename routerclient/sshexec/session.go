package sshexec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/peergate/peergate/routerclient"
)

// killed stands for the exit status of a command that a signal ended, as a shell would number it. It must not pass for
// a status that the router did not send.
const killed = 128

// session is one channel of type "session" (RFC 4254 section 6), good for one command. Package ssh's own Session does
// not say whether a command was refused or the connection lost.
type session struct {
	client     *ssh.Client
	channel    ssh.Channel
	requests   <-chan *ssh.Request
	maxOutput  int64
	closeGrace time.Duration
	// oneCommand is true where the router may end a command without a status, even one that printed nothing, and before
	// its answer if the input ends.
	oneCommand bool
	doing      string
}

// newSession opens a session on the kept connection, and closes that connection if ctx ends first.
func (r *Runner) newSession(ctx context.Context) (*session, error) {
	doing := "opening a session on " + r.address
	client := r.kept
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	channel, requests, err := client.OpenChannel("session", nil)
	if !stop() {
		return nil, ended(ctx, doing)
	}
	if err != nil {
		return nil, explainOpen(doing, err)
	}
	return &session{
		client:     client,
		channel:    channel,
		requests:   requests,
		maxOutput:  r.maxOutput,
		closeGrace: r.closeGrace,
		oneCommand: r.oneCommand,
	}, nil
}

func explainOpen(doing string, err error) error {
	refused, ok := errors.AsType[*ssh.OpenChannelError](err)
	switch {
	case !ok:
		return routerclient.Errorf(routerclient.ReasonUnreachable, "%s: the router closed the connection", doing)
	case refused.Reason == ssh.Prohibited:
		return routerclient.Errorf(routerclient.ReasonPermissionDenied, "%s: %s", doing, clip(refused.Error()))
	default:
		return routerclient.Errorf(routerclient.ReasonUnreachable, "%s: %s", doing, clip(refused.Error()))
	}
}

// run leaves the connection to be closed by its caller after an error; goroutines started here end with it.
func (s *session) run(ctx context.Context, command string) (routerclient.Output, error) {
	stop := context.AfterFunc(ctx, func() { _ = s.client.Close() })
	output, err := s.exec(command)
	if !stop() {
		return routerclient.Output{}, ended(ctx, s.doing)
	}
	return output, err
}

func (s *session) exec(command string) (routerclient.Output, error) {
	s.doing = fmt.Sprintf("starting %q", command)
	status := make(chan int, 1)
	go func() { status <- exitStatus(s.requests) }()

	accepted, err := s.channel.SendRequest("exec", true, ssh.Marshal(struct{ Command string }{command}))
	switch {
	case err != nil:
		return routerclient.Output{}, routerclient.Errorf(routerclient.ReasonUnreachable,
			"%s: the router closed the connection", s.doing)
	case !accepted:
		return routerclient.Output{}, routerclient.Errorf(routerclient.ReasonPermissionDenied,
			"%s: the router refused to run it", s.doing)
	}
	if !s.oneCommand {
		// Commands that read their input see its end at once. Where this cannot be sent, reading the answer shows it too.
		_ = s.channel.CloseWrite()
	}
	return s.collect(command, status)
}

func (s *session) collect(command string, status <-chan int) (output routerclient.Output, err error) {
	s.doing = fmt.Sprintf("waiting for the answer to %q", command)
	var errOut, errStderr error
	var wg sync.WaitGroup
	wg.Go(func() { output.Stderr, errStderr = s.read(s.channel.Stderr(), maxStderr) })
	output.Stdout, errOut = s.read(s.channel, s.maxOutput)
	wg.Wait()
	if n := len(output.Stdout) + len(output.Stderr); n > 0 {
		s.doing = fmt.Sprintf("reading the answer to %q, %d bytes so far", command, n)
	}
	closing := time.AfterFunc(s.closeGrace, func() { _ = s.channel.Close() })
	defer closing.Stop()
	output.ExitStatus = <-status

	for _, err := range []error{errOut, errStderr} {
		if err != nil {
			return routerclient.Output{}, routerclient.Errorf(routerclient.ReasonAnswerTooLarge,
				"reading the answer to %q: %w", command, err)
		}
	}
	if output.ExitStatus == -1 && len(output.Stdout)+len(output.Stderr) == 0 && !s.oneCommand {
		return routerclient.Output{}, routerclient.Errorf(routerclient.ReasonUnreachable,
			"%s: the router ended the session without one", s.doing)
	}
	return output, nil
}

// read returns an error only for too many bytes, after closing the connection on the rest. A connection that broke
// looks like the end of the answer: routers that send no exit status end theirs so, and drivers check for wholeness.
func (s *session) read(from io.Reader, limit int64) ([]byte, error) {
	data, _ := io.ReadAll(io.LimitReader(arrived{from}, limit+1))
	if int64(len(data)) > limit {
		_ = s.client.Close()
		return nil, fmt.Errorf("more than %d bytes", limit)
	}
	return data, nil
}

// arrived reads all that has arrived on a channel. Package ssh returns data together with an error if it could not
// tell the other side to go on sending, because that had closed the connection after its last byte.
type arrived struct{ io.Reader }

func (a arrived) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if n > 0 {
		return n, nil
	}
	return n, err
}

// exitStatus reads the requests of a session to their end, and returns -1 if no exit status was among them.
func exitStatus(requests <-chan *ssh.Request) int {
	status := -1
	for request := range requests {
		switch request.Type {
		case "exit-status":
			var message struct{ Status uint32 }
			if ssh.Unmarshal(request.Payload, &message) == nil {
				status = int(message.Status)
			}
		case "exit-signal":
			status = killed
		}
		if request.WantReply {
			_ = request.Reply(false, nil)
		}
	}
	return status
}
