package bgpjson

import (
	"bytes"
	"encoding/json"

	"github.com/peergate/peergate/routerclient"
)

// maxNesting is as deep as package json decodes. What is nested deeper is an error there.
const maxNesting = 10000

// NewBoundedDecoder is [NewDecoder] for an answer of which package json decodes lists as a whole. It returns the error of
// [CheckSizes] before there is an element in memory.
func NewBoundedDecoder(answer []byte, opening byte) (dec *json.Decoder, found bool, err error) {
	value, found := pastBanners(answer, opening)
	if !found {
		return nil, false, nil
	}
	if err := CheckSizes(value); err != nil {
		return nil, true, err
	}
	return json.NewDecoder(bytes.NewReader(value)), true, nil
}

// CheckSizes returns an error if an array has more elements, or an object more members, than a snapshot may have sessions.
// What is no JSON is for the decoder to refuse.
func CheckSizes(value []byte) error {
	var commas []int // of each array and object that is open
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '"':
			if i = endOfString(value, i); i < 0 {
				return nil
			}
		case '[', '{':
			if len(commas) == maxNesting {
				return nil
			}
			commas = append(commas, 0)
		case ']', '}':
			if len(commas) == 0 {
				return nil
			}
			commas = commas[:len(commas)-1]
		case ',':
			if len(commas) == 0 {
				return nil
			}
			commas[len(commas)-1]++
			if err := routerclient.CheckSessions(commas[len(commas)-1] + 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// endOfString is where the string ends that begins at i, or negative if it does not.
func endOfString(value []byte, i int) int {
	for i++; i < len(value); i++ {
		switch value[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}
