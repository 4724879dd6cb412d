package routeros_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/peergate/peergate/routerclient"
)

// anyCommand answers every command.
type anyCommand struct {
	answer func(command string) routerclient.Output
}

func (a *anyCommand) Run(_ context.Context, command string) (routerclient.Output, error) {
	return a.answer(command), nil
}

func (*anyCommand) Close() error { return nil }

const largeTable = 5000

func nodeAddress(i int) string { return fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&0xff, i&0xff) }

// list is a JSON array of largeTable elements.
func list(element func(address string, i int) string) string {
	elements := make([]string, largeTable)
	for i := range elements {
		elements[i] = element(nodeAddress(i), i)
	}
	return "[" + strings.Join(elements, ",") + "]"
}

func BenchmarkREST(b *testing.B) {
	connections := list(func(address string, i int) string {
		return fmt.Sprintf(`{"as":"64512","inactive":"false","name":"node-%d","remote.address":"%s/32","remote.as":"64513"}`, i, address)
	})
	sessions := list(func(address string, i int) string {
		return fmt.Sprintf(`{"established":"true","local.afi":"ip","local.as":"64512","local.id":"192.0.2.1","name":"node-%d-1","prefix-count":"5",`+
			`"remote.address":"%s","remote.afi":"ip","remote.as":"64513","remote.id":"%s","uptime":"1d2h5m16s610ms"}`, i, address, address)
	})
	benchmark(b, overREST(byPath(connections, sessions)), len(connections)+len(sessions))
}

func BenchmarkSSH6(b *testing.B) {
	var text strings.Builder
	fmt.Fprintf(&text, "# peers %d\nFlags: X - disabled, E - established\n", largeTable)
	for i := range largeTable {
		fmt.Fprintf(&text, " %d E name=\"node-%d\" instance=default remote-address=%s remote-as=64513 tcp-md5-key=\"\" nexthop-choice=default "+
			"multihop=no hold-time=3m address-families=ip remote-id=192.0.2.9 uptime=5w3d1h12m48s prefix-count=5 state=established\n\n", i, i, nodeAddress(i))
	}
	text.WriteString("# instances\n 0 *  name=\"default\" as=64512 router-id=0.0.0.0\n# end\n")
	answer := []byte(text.String())
	benchmark(b, overSSH(&anyCommand{answer: func(command string) routerclient.Output {
		if command == printVersion {
			return routerclient.Output{Stdout: []byte("6.49.10 (long-term)\n")}
		}
		return routerclient.Output{Stdout: answer}
	}}), len(answer))
}

func benchmark(b *testing.B, client routerclient.Client, bytes int) {
	b.Helper()
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	for b.Loop() {
		snapshot, err := client.Snapshot(b.Context())
		if err != nil || len(snapshot.Sessions) != largeTable {
			b.Fatal(err)
		}
	}
}
