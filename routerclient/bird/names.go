package bird

import (
	"github.com/peergate/peergate/routerclient"
)

// parseNames reads the names of the BGP protocols from the answer to showProtocols:
//
//	2002-Name       Proto      Table      State  Since         Info
//	1002-device1    Device     ---        up     12:57:29.856
//	     node11     BGP        ---        up     12:57:30.756  Established
func parseNames(out routerclient.Output) ([]string, error) {
	const action = "reading the list of protocols"
	var names []string
	header, protocols := false, 0
	err := eachReply(out, func(r reply) error {
		switch r.code {
		case codeProtocolHeader:
			header = true
		case codeProtocol:
			if r.text == "" {
				return nil
			}
			row, err := parseRow(r.text)
			if err != nil {
				return err
			}
			protocols++
			if row.isBGP() {
				names = append(names, row.name)
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, answerError(action, out, err)
	case !header:
		return nil, answerError(action, out, errTable)
	case protocols == 0:
		// Not even the device protocol, without which BIRD opens no session.
		return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated, "%s: the table is empty", action)
	case len(names) == 0:
		return nil, routerclient.Errorf(routerclient.ReasonBGPNotRunning,
			"%s: BIRD runs no BGP protocol; is there a \"protocol bgp\" in its configuration?", action)
	}
	return names, nil
}
