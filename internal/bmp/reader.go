// Package bmp reads the BGP Monitoring Protocol (RFC 7854), with which a router tells a station of its sessions by
// itself. It decodes what says whether a session is up; routes are skipped, unread.
package bmp

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	version            = 3
	commonHeaderLength = 6
	// maxLength bounds a message. The longest carry a BGP message, which is at most 65,535 bytes long (RFC 8654), or a
	// few in a row.
	maxLength = 1 << 20
	// maxBody bounds what is read into memory: of a longer message only the beginning is. A Peer Up has two OPENs of at
	// most 4,096 bytes (RFC 8654 section 4) and short texts.
	maxBody = 1 << 16
)

// Reader reads messages from a stream. It keeps no more of the stream in memory than one message that matters.
type Reader struct {
	stream *bufio.Reader
}

// NewReader returns a reader of the stream.
func NewReader(stream io.Reader) *Reader {
	return &Reader{stream: bufio.NewReaderSize(stream, 16<<10)}
}

// Await returns once the first byte of a message has come. A router may be silent between messages for as long as
// nothing happens, but not within one: whoever reads a connection sets a deadline between Await and Next.
func (r *Reader) Await() error {
	_, err := r.stream.Peek(1)
	return err
}

// Next reads one message: an *Initiation, *Termination, *PeerUp, *PeerDown, or *Skipped. After an error the stream is of
// no more use. The error is io.EOF only between two messages.
func (r *Reader) Next() (Message, error) {
	var header [commonHeaderLength]byte
	if _, err := io.ReadFull(r.stream, header[:]); err != nil {
		return nil, err
	}
	length, kind := binary.BigEndian.Uint32(header[1:]), Type(header[5])
	if header[0] != version {
		return nil, fmt.Errorf("reading a BMP header: version %d, want %d", header[0], version)
	}
	if length > maxLength || int(length) < kind.minLength() {
		return nil, fmt.Errorf("reading a BMP header: a %s of %d bytes", kind, length)
	}
	message, err := r.body(kind, int(length)-commonHeaderLength)
	if err != nil {
		return nil, fmt.Errorf("reading a BMP %s of %d bytes: %w", kind, length, wholeOrNothing(err))
	}
	return message, nil
}

// body reads what follows the common header, and nothing of the next message.
func (r *Reader) body(kind Type, length int) (Message, error) {
	decode, ok := decoders[kind]
	if !ok {
		_, err := r.stream.Discard(length)
		return &Skipped{Type: kind}, err
	}
	body := make([]byte, min(length, maxBody))
	if _, err := io.ReadFull(r.stream, body); err != nil {
		return nil, err
	}
	if _, err := r.stream.Discard(length - len(body)); err != nil {
		return nil, err
	}
	return decode(body), nil
}

// wholeOrNothing keeps an end within a message from looking like one between two.
func wholeOrNothing(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
