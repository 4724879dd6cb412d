package bmp

import (
	"encoding/binary"
	"fmt"

	"github.com/peergate/peergate/routerclient/bgptext"
)

// DownReason is why there is a Peer Down (RFC 7854 section 4.9, RFC 9069 section 4.5).
type DownReason uint8

// The reasons.
const (
	DownLocalNotification  DownReason = 1
	DownLocalFSM           DownReason = 2
	DownRemoteNotification DownReason = 3
	DownRemoteClosed       DownReason = 4
	// DownNotMonitored says nothing of the session: the router will not tell of this peer any more.
	DownNotMonitored DownReason = 5
	DownLocalTLV     DownReason = 6
)

// PeerDown says that a session is not Established any more, or, from FRR, that another attempt at it has failed.
type PeerDown struct {
	Peer
	Reason DownReason
	// Code and Subcode are those of the NOTIFICATION message that closed the session; 0 where none did.
	Code, Subcode byte
	// Words are the reason in words; at most 200 bytes, printable.
	Words string
	// VRF is the name of the peer's VRF, or "" where the router does not say.
	VRF string
}

// cease and its subcodes of RFC 9003, which carry a text from whoever shut the session down.
const (
	cease         = 6
	ceaseShutdown = 2
	ceaseReset    = 4
)

// Ended is true if the session is not Established any more. It is not known of reasons that are not known.
func (d *PeerDown) Ended() bool {
	return d.Reason >= DownLocalNotification && d.Reason <= DownLocalTLV && d.Reason != DownNotMonitored
}

// AdminDown is true if somebody shut the peer down on the router.
func (d *PeerDown) AdminDown() bool {
	return d.Reason == DownLocalNotification && d.Code == cease && d.Subcode == ceaseShutdown
}

func decodePeerDown(b []byte) Message {
	m := &PeerDown{Peer: decodePeer(b), Reason: DownReason(b[peerHeaderLength])}
	data := b[peerHeaderLength+1:]
	switch m.Reason {
	case DownLocalNotification:
		m.Words = "closed by the router" + m.notification(data)
	case DownLocalFSM:
		m.Words = "closed by the router" + fsmEvent(data)
	case DownRemoteNotification:
		m.Words = "closed by the peer" + m.notification(data)
	case DownRemoteClosed:
		m.Words = "closed by the peer without a word"
	case DownNotMonitored:
		m.Words = "not monitored any more"
	case DownLocalTLV:
		m.Words = "closed by the router"
		m.VRF, _ = vrfOf(data)
	default:
		m.Words = fmt.Sprintf("reason %d", m.Reason)
	}
	return m
}

// notification reads a NOTIFICATION message, and returns its words, to be put after others.
func (d *PeerDown) notification(b []byte) string {
	message, _, ok := cutBGP(b)
	if !ok || message[bgpHeaderLength-1] != typeNotification || len(message) < bgpHeaderLength+2 {
		return ""
	}
	d.Code, d.Subcode = message[bgpHeaderLength], message[bgpHeaderLength+1]
	said := bgptext.NotificationError(d.Code, d.Subcode)
	if text := shutdownText(d.Code, d.Subcode, message[bgpHeaderLength+2:]); text != "" {
		said += ", " + text
	}
	return ": " + bgptext.Printable(said, maxWords-len("closed by the router: "))
}

// shutdownText is what the person who shut the session down has written (RFC 9003 section 2), or "".
func shutdownText(code, subcode byte, data []byte) string {
	if code != cease || subcode != ceaseShutdown && subcode != ceaseReset || len(data) == 0 {
		return ""
	}
	length := int(data[0])
	if length > len(data)-1 {
		return ""
	}
	return bgptext.Printable(string(data[1:1+length]), maxWords)
}

// fsmEvents are the events of RFC 4271 section 8.1 that end a session.
var fsmEvents = map[uint16]string{
	2:  "ManualStop",
	8:  "AutomaticStop",
	9:  "ConnectRetryTimer_Expires",
	10: "HoldTimer_Expires",
	11: "KeepaliveTimer_Expires",
	18: "TcpConnectionFails",
	21: "BGPHeaderErr",
	22: "BGPOpenMsgErr",
	23: "OpenCollisionDump",
	24: "NotifMsgVerErr",
	25: "NotifMsg",
	28: "UpdateMsgErr",
}

// fsmEvent names the event that closed a session, to be put after other words. FRR gives 0, no event, for most.
func fsmEvent(b []byte) string {
	if len(b) < 2 {
		return ""
	}
	event := binary.BigEndian.Uint16(b)
	name, known := fsmEvents[event]
	switch {
	case known:
		return ": " + name
	case event == 0:
		return ""
	default:
		return fmt.Sprintf(": event %d", event)
	}
}
