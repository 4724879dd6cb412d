package bmp_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"strings"
)

// established tells whether this machine has a connection from an IPv4 address to a port of its own. Go listens for both
// families at once, so that the kernel lists it among those of IPv6.
func established(from netip.Addr, port uint16) (bool, error) {
	const list, state = "/proc/net/tcp6", "01"
	connections, err := os.ReadFile(list)
	if err != nil {
		return false, err
	}
	v4 := from.As4()
	remote := fmt.Sprintf("0000000000000000FFFF0000%08X:", binary.NativeEndian.Uint32(v4[:]))
	local := fmt.Sprintf(":%04X", port)
	for line := range strings.Lines(string(connections)) {
		f := strings.Fields(line)
		if len(f) < 4 {
			return false, fmt.Errorf("reading %s: %q", list, line)
		}
		if strings.HasSuffix(f[1], local) && strings.HasPrefix(f[2], remote) && f[3] == state {
			return true, nil
		}
	}
	return false, nil
}
