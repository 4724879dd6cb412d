package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"net/netip"
	"text/template"

	"github.com/peergate/peergate/routerclient"
)

// tables are what routers print, as templates over their neighbors.
//
//go:embed tables
var tables embed.FS

// neighbor is one of a router, Established for 1 h 2 min 3 s, with three prefixes received.
type neighbor struct {
	Name    string
	Address netip.Addr
}

func neighbors(n int) []neighbor {
	all := make([]neighbor, n)
	for i := range all {
		all[i] = neighbor{fmt.Sprintf("node%d", i), netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})}
	}
	return all
}

// answers returns what a router with n neighbors prints, by the names of files in tables.
func answers(files []string, n int) ([][]byte, error) {
	parsed, err := template.ParseFS(tables, "tables/*")
	if err != nil {
		return nil, err
	}
	all := make([][]byte, len(files))
	for i, file := range files {
		var b bytes.Buffer
		if err := parsed.ExecuteTemplate(&b, file, neighbors(n)); err != nil {
			return nil, err
		}
		all[i] = b.Bytes()
	}
	return all, nil
}

// router answers the commands of a poll in turn, whatever they are, and refuses what comes after: what a driver asks as
// a courtesy.
type router struct {
	answers [][]byte
	status  int
	asked   int
}

func (r *router) Run(context.Context, string) (routerclient.Output, error) {
	if r.asked == len(r.answers) {
		return routerclient.Output{}, errors.New("no more answers")
	}
	r.asked++
	return routerclient.Output{Stdout: r.answers[r.asked-1], ExitStatus: r.status}, nil
}

func (*router) Close() error { return nil }
