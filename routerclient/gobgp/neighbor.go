package gobgp

import (
	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
)

// neighbor is a session, but for what only the table tells.
type neighbor struct {
	// name is what the table calls it.
	name    string
	session routerclient.Session
}

// sessions joins the neighbors with their rows of the table, which must have them all.
func sessions(neighbors []neighbor, rows map[string]row) ([]routerclient.Session, error) {
	sessions := make([]routerclient.Session, len(neighbors))
	for i := range neighbors {
		n := &neighbors[i]
		row, found := rows[n.name]
		if !found {
			return nil, routerclient.Errorf(routerclient.ReasonAnswerTruncated,
				"reading the table of neighbors: it lacks %s, which is in the JSON", bgptext.Printable(n.name, 64))
		}
		sessions[i] = n.session
		row.addTo(&sessions[i])
	}
	return sessions, nil
}
