package main

import (
	"context"
	"fmt"

	"github.com/sirikothe/gotextfsm"

	"github.com/peergate/peergate/routerclient"
)

// reader reads a table once, and returns how many neighbors it found.
type reader func() (neighbors int, err error)

// driver returns a reader that polls once with a new client: one that has polled before may know what it need not ask.
func driver(newClient func(routerclient.Runner) routerclient.Client, answers [][]byte, status int) reader {
	return func() (int, error) {
		client := newClient(&router{answers: answers, status: status})
		snapshot, err := client.Snapshot(context.Background())
		if err != nil {
			return 0, err
		}
		return len(snapshot.Sessions), nil
	}
}

// textFSM returns gotextfsm with templates that are parsed beforehand, each of which must find all neighbors.
func textFSM(texts []text, printed [][]byte) (reader, error) {
	var readers []reader
	for _, t := range texts {
		read, err := textFSMOf(t.template, printed[t.answer])
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", t.template, err)
		}
		readers = append(readers, read)
	}
	return func() (fewest int, err error) {
		for i, read := range readers {
			found, err := read()
			if err != nil {
				return 0, err
			}
			if i == 0 || found < fewest {
				fewest = found
			}
		}
		return fewest, nil
	}, nil
}

func textFSMOf(file string, answer []byte) (reader, error) {
	text, err := templates.ReadFile("templates/" + file)
	if err != nil {
		return nil, err
	}
	var fsm gotextfsm.TextFSM
	if err := fsm.ParseString(string(text)); err != nil {
		return nil, err
	}
	return func() (int, error) {
		var out gotextfsm.ParserOutput
		out.Reset(fsm)
		err := out.ParseTextString(string(answer), fsm, true)
		return len(out.Dict), err
	}, nil
}
