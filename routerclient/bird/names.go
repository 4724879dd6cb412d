package bird

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
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
			if len(r.text) == 0 {
				return nil
			}
			row, err := parseRow(r.text)
			if err != nil {
				return err
			}
			protocols++
			if row.isBGP() {
				names = append(names, string(row.name))
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

// roll has the names of protocols: those that the router listed, and then any others that come.
type roll struct {
	names []string
	at    map[string]int
	// came is which of the names have come.
	came []bool
}

func newRoll(listed []string) roll {
	r := roll{names: listed, at: make(map[string]int, len(listed)), came: make([]bool, len(listed))}
	for i, name := range listed {
		r.at[name] = i
	}
	return r
}

// answer takes down that a protocol has come, and is true if it came before.
func (r *roll) answer(name []byte) (known string, twice bool) {
	at, listed := r.at[string(name)]
	if !listed {
		at = len(r.names)
		r.names, r.came = append(r.names, string(name)), append(r.came, false)
		r.at[r.names[at]] = at
	}
	twice, r.came[at] = r.came[at], true
	return r.names[at], twice
}

// check fails if a protocol has not come.
func (r *roll) check() error {
	for i, came := range r.came {
		if !came {
			return truncated("protocol %s is in the router's list and not in the details", bgptext.Printable(r.names[i], 64))
		}
	}
	return nil
}
