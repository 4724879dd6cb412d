package routeros

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/peergate/peergate/routerclient"
	"github.com/peergate/peergate/routerclient/bgptext"
	"github.com/peergate/peergate/routerclient/posixsh"
)

// release is a version of RouterOS, such as 7.16 or 6.49.
type release struct{ major, minor int }

// minorWithJSON is the first release of RouterOS 7 that prints JSON on the command line.
const minorWithJSON = 13

// command returns the command that asks a router of that release for its neighbors.
func (r release) command() (string, error) {
	switch {
	case r.major == 6:
		return printPeers, nil
	case r.major == 7 && r.minor < minorWithJSON:
		return "", routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood,
			"RouterOS %d.%d cannot print its BGP sessions as JSON over SSH, which 7.%d was the first to do: reach it over HTTPS (its REST API), or upgrade it",
			r.major, r.minor, minorWithJSON)
	case r.major >= 7:
		return putLists, nil
	}
	return "", routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "RouterOS %d.%d is older than 6", r.major, r.minor)
}

// parseVersion reads the answer to printVersion, "7.16.2 (stable)", behind whatever the router prints at login.
func parseVersion(out routerclient.Output) (release, error) {
	const action = "reading the version of RouterOS"
	answer := string(bgptext.Clean(out.Stdout))
	for line := range strings.Lines(answer) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if r, ok := parseRelease(word); ok && strings.HasSuffix(answer, "\n") {
			return r, nil
		}
	}
	if err := refusal(posixsh.Words(out)); err != nil {
		return release{}, fmt.Errorf("%s: %w", action, err)
	}
	return release{}, routerclient.Errorf(routerclient.ReasonAnswerNotUnderstood, "%s: %s", action, posixsh.Words(out))
}

// parseRelease reads "7.16.2", "7.17rc1" or "6.49.10".
func parseRelease(word string) (release, bool) {
	major, rest, dotted := strings.Cut(word, ".")
	minor := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
	var r release
	var errMajor, errMinor error
	r.major, errMajor = strconv.Atoi(major)
	r.minor, errMinor = strconv.Atoi(minor)
	return r, dotted && errMajor == nil && errMinor == nil && r.major > 0 && len(word) <= 20
}
