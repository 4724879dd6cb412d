package snmpwalk_test

import (
	"net"
	"sync/atomic"
	"testing"

	"github.com/gosnmp/gosnmp"

	"github.com/peergate/peergate/routerclient/snmpwalk"
)

// The reports of RFC 3414 section 5.
const (
	usmStatsUnsupportedSecLevels = ".1.3.6.1.6.3.15.1.1.1.0"
	usmStatsNotInTimeWindows     = ".1.3.6.1.6.3.15.1.1.2.0"
	usmStatsUnknownUserNames     = ".1.3.6.1.6.3.15.1.1.3.0"
	usmStatsUnknownEngineIDs     = ".1.3.6.1.6.3.15.1.1.4.0"
	usmStatsWrongDigests         = ".1.3.6.1.6.3.15.1.1.5.0"
	usmStatsDecryptionErrors     = ".1.3.6.1.6.3.15.1.1.6.0"
)

const engineID = "\x80\x00\x1f\x88\x04peergate"

// agent is an SNMPv3 agent on loopback that answers GETBULK for one user, and discovery for everybody.
type agent struct {
	t    *testing.T
	conn net.PacketConn
	user *gosnmp.UsmSecurityParameters
	// answer makes the response to a request: variables, and an error status.
	answer func(from string, repetitions uint32) ([]gosnmp.SnmpPDU, gosnmp.SNMPError)
	// report, if not "", is sent in place of every response, or of the first if once is set.
	report string
	once   bool
	// discoveries counts how often somebody asked for the engine ID.
	discoveries atomic.Int32
}

func startAgent(t *testing.T, a *agent) snmpwalk.Config {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a.t, a.conn = t, conn
	a.user = &gosnmp.UsmSecurityParameters{
		UserName: "peergate", AuthoritativeEngineID: engineID, AuthoritativeEngineBoots: 1, AuthoritativeEngineTime: 1,
		AuthenticationProtocol: gosnmp.SHA256, AuthenticationPassphrase: "authpass-peergate",
		PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: "privpass-peergate",
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.serve()
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	return snmpwalk.Config{
		Address: conn.LocalAddr().String(), Username: "peergate",
		AuthPassword: "authpass-peergate", PrivPassword: "privpass-peergate",
	}
}

func (a *agent) serve() {
	decoder := &gosnmp.GoSNMP{
		Version: gosnmp.Version3, SecurityModel: gosnmp.UserSecurityModel, MsgFlags: gosnmp.AuthPriv, SecurityParameters: a.user,
	}
	if err := a.user.InitSecurityKeys(); err != nil {
		a.t.Error(err)
	}
	buf := make([]byte, 65535)
	for {
		n, from, err := a.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		request, err := decoder.SnmpDecodePacket(buf[:n])
		if err != nil {
			a.t.Errorf("decoding a request: %v", err)
			continue
		}
		if response := a.respond(request); response != nil {
			_, _ = a.conn.WriteTo(response, from)
		}
	}
}

func (a *agent) respond(request *gosnmp.SnmpPacket) []byte {
	report := a.report
	if request.PDUType != gosnmp.GetRequest && a.once {
		a.report = ""
	}
	switch {
	case request.PDUType == gosnmp.GetRequest:
		a.discoveries.Add(1)
		return a.marshal(request, gosnmp.NoAuthNoPriv, reportOf(usmStatsUnknownEngineIDs))
	case report == usmStatsNotInTimeWindows, report == usmStatsUnknownEngineIDs:
		return a.marshal(request, gosnmp.AuthPriv, reportOf(report))
	case report != "":
		return a.marshal(request, gosnmp.NoAuthNoPriv, reportOf(report))
	case a.answer == nil:
		return nil
	}
	variables, status := a.answer(request.Variables[0].Name, request.MaxRepetitions)
	return a.marshal(request, gosnmp.AuthPriv, &gosnmp.SnmpPacket{PDUType: gosnmp.GetResponse, Error: status, Variables: variables})
}

func reportOf(counter string) *gosnmp.SnmpPacket {
	return &gosnmp.SnmpPacket{
		PDUType: gosnmp.Report, Variables: []gosnmp.SnmpPDU{{Name: counter, Type: gosnmp.Counter32, Value: uint32(1)}},
	}
}

func (a *agent) marshal(request *gosnmp.SnmpPacket, level gosnmp.SnmpV3MsgFlags, response *gosnmp.SnmpPacket) []byte {
	response.Version, response.SecurityModel, response.MsgFlags = gosnmp.Version3, gosnmp.UserSecurityModel, level
	response.MsgID, response.RequestID, response.ContextEngineID = request.MsgID, request.RequestID, engineID
	response.MsgMaxSize = 65507
	response.SecurityParameters = a.user.Copy()
	if level == gosnmp.AuthPriv {
		if err := a.user.InitPacket(response); err != nil {
			a.t.Error(err)
		}
	}
	message, err := response.MarshalMsg()
	if err != nil {
		a.t.Errorf("encoding a response: %v", err)
	}
	return message
}

// serveTable answers as an agent with these variables, in their order, does.
func serveTable(variables ...gosnmp.SnmpPDU) func(string, uint32) ([]gosnmp.SnmpPDU, gosnmp.SNMPError) {
	return func(from string, repetitions uint32) ([]gosnmp.SnmpPDU, gosnmp.SNMPError) {
		start := 0
		for n, v := range variables {
			if v.Name == from {
				start = n + 1
			}
		}
		response := variables[start:min(len(variables), start+int(repetitions))]
		if len(response) == 0 {
			response = []gosnmp.SnmpPDU{{Name: from, Type: gosnmp.EndOfMibView}}
		}
		return response, gosnmp.NoError
	}
}
