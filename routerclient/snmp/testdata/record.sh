#!/bin/bash
# Records the situations of BGP4-MIB in testdata/ again, from a real FRR (last: Debian 12's 8.4.4) whose bgpd speaks
# AgentX to net-snmp's snmpd, through this project's own SNMPv3. The recordings of the other tables are written by hand.
# Needs root, frr, frr-snmp, snmpd (not running), iproute2, python3 and go. Afterwards: go test ./routerclient/snmp
# -update, and read the difference. Usage: record.sh [SITUATION...]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
chmod 755 "$work"
router=pgsnmp-router nodes=pgsnmp-nodes
pids=()

die() { echo "record.sh: $*" >&2; exit 1; }

cleanup() {
    stop
    ip netns del $router 2>/dev/null || true
    ip netns del $nodes 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

stop() {
    local pid
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done; done
    pids=()
    rm -rf /var/run/frr/pgsnmp-*
}

# A link between router and nodes. 192.0.2.14 is nowhere, but has a neighbor entry, so that what is sent to it is lost.
link() {
    ip netns add $router
    ip netns add $nodes
    ip link add pgsnmp-r netns $router type veth peer name pgsnmp-n netns $nodes
    ip -n $router link set pgsnmp-r name eth0
    ip -n $nodes link set pgsnmp-n name eth0 address 02:00:00:00:00:02
    ip -n $router addr add 192.0.2.1/24 dev eth0
    local n
    for n in 11 12 13 15 16; do ip -n $nodes addr add 192.0.2.$n/24 dev eth0; done
    for n in $router $nodes; do
        ip -n $n link set lo up
        ip -n $n link set eth0 up
    done
    ip -n $router neigh add 192.0.2.14 lladdr 02:00:00:00:00:02 dev eth0
}

agent() { # snmpd, on loopback in the router's namespace
    cat >"$work/snmpd.conf" <<CONF
agentAddress udp:127.0.0.1:16161
master agentx
agentXSocket $work/agentx
agentXPerms 0777 0777
createUser peergate SHA-256 authpass-peergate AES privpass-peergate
rouser peergate priv .1.3.6.1.2.1.15
CONF
    # FRR's AgentX calls itself "frr" and reads the socket's name from a file of that name.
    echo "agentXSocket $work/agentx" >"$work/frr.conf"
    mkdir -p "$work/state"
    MIBS='' SNMP_PERSISTENT_DIR=$work/state SNMPCONFPATH=$work ip netns exec $router snmpd -f -C -c "$work/snmpd.conf" -Lf "$work/snmpd.log" &
    pids+=($!)
    until [ -S "$work/agentx" ]; do sleep 0.1; done
}

# daemon NAMESPACE PATHSPACE zebra|bgpd [OPTION...], with the configuration on standard input.
daemon() {
    local namespace=$1 pathspace=pgsnmp-$2 daemon=$3
    shift 3
    local stem=$work/$pathspace-$daemon
    cat >"$stem.conf"
    install -d -o frr -g frr "$work/run" "/var/run/frr/$pathspace"
    chown frr "$stem.conf"
    MIBS='' SNMPCONFPATH=$work ip netns exec $namespace /usr/lib/frr/$daemon -d -N "$pathspace" -u frr -g frr -f "$stem.conf" \
        -i "$work/run/$pathspace-$daemon.pid" -P 0 "$@" >"$stem.out" 2>&1 </dev/null || die "$daemon does not start: $(cat "$stem.out")"
    pids+=("$(cat "$work/run/$pathspace-$daemon.pid")")
}

router() { # the router's bgpd, after its zebra; waits until the agent has its answers
    daemon $router router zebra </dev/null
    daemon $router router bgpd -M snmp
    until grep -q 'agentx_registered' <(get 15.1.0); do sleep 0.2; done
}
get() { # says "agentx_registered" if the agent has the variable
    MIBS='' SNMPCONFPATH=$work ip netns exec $router snmpget -v3 -u peergate -l authPriv -a SHA-256 -A authpass-peergate -x AES -X privpass-peergate \
        -On 127.0.0.1:16161 ".1.3.6.1.2.1.$1" 2>&1 | grep -q STRING && echo agentx_registered
}

node() { # node N ASN
    daemon $nodes "node$1" bgpd -Z -l "192.0.2.$1" <<CONF
router bgp $2
 bgp router-id 192.0.2.$1
 no bgp ebgp-requires-policy
 neighbor 192.0.2.1 remote-as 64512
 neighbor 192.0.2.1 update-source 192.0.2.$1
 neighbor 192.0.2.1 timers connect 1
CONF
}

# speaker N silent|open: 192.0.2.N accepts and says nothing, or only OPEN.
speaker() {
    ip netns exec $nodes python3 - "192.0.2.$1" "$2" <<'PYTHON' &
import socket, struct, sys
address, kind = sys.argv[1:]
body = struct.pack(">BHH4sB", 4, 64513, 180, socket.inet_aton(address), 0)
message = b"\xff" * 16 + struct.pack(">HB", 19 + len(body), 1) + body
listener = socket.create_server((address, 179))
kept = []
while True:
    kept.append(listener.accept()[0])
    if kind == "open":
        kept[-1].sendall(message)
PYTHON
    pids+=($!)
}

# wait_for NEIGHBOR TEXT: waits, for at most half a minute, until the long form of the neighbor holds the text.
wait_for() {
    local tries=0
    until ip netns exec $router vtysh -N pgsnmp-router -c "show bgp neighbors $1 json" 2>/dev/null | grep -q "$2"; do
        [ $((tries += 1)) -lt 150 ] || die "$situation: neighbor $1 never shows $2"
        sleep 0.2
    done
}

record() {
    local out=$here/$situation
    mkdir -p "$out"
    rm -f "$out"/[0-9]*
    PEERGATE_RECORD=$out ip netns exec $router "$work/record.test" -test.run '^TestRecord$' >/dev/null
    echo "recorded $situation: $(ls "$out"/*.command | wc -l) walks"
}

normal() {
    router <<CONF
agentx
router bgp 64512
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 neighbor 192.0.2.11 remote-as 64513
 neighbor 192.0.2.12 remote-as 64513
 neighbor 192.0.2.13 remote-as 64513
 neighbor 192.0.2.15 remote-as 4200000015
 neighbor 2001:db8::12 remote-as 64513
CONF
    node 11 64513
    node 13 64999
    node 15 4200000015
    wait_for 192.0.2.11 '"Established"'
    wait_for 192.0.2.13 'Bad Peer AS'
    wait_for 192.0.2.15 '"Established"'
    sleep 3 # so that the uptimes are not 0
    record
}

nobgp() { router <<<agentx; record; }
not_running() { record; }
nopeers() { router <<<$'agentx\nrouter bgp 64512\n bgp router-id 192.0.2.1'; record; }

states() {
    speaker 15 silent
    speaker 16 open
    router <<CONF
agentx
router bgp 64512
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
$(for n in 11 12 13 14 15 16; do echo " neighbor 192.0.2.$n remote-as 64513"; done)
 neighbor 192.0.2.12 shutdown
 neighbor 192.0.2.13 passive
CONF
    node 11 64513
    wait_for 192.0.2.11 '"Established"'
    wait_for 192.0.2.13 '"Active"'
    wait_for 192.0.2.14 '"Connect"'
    wait_for 192.0.2.15 '"OpenSent"'
    wait_for 192.0.2.16 '"OpenConfirm"'
    record
}

admin_down() {
    router <<CONF
agentx
router bgp 64512
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 neighbor 192.0.2.11 remote-as 64513
 neighbor 192.0.2.12 remote-as 64513
 neighbor 192.0.2.12 shutdown
CONF
    node 11 64513
    wait_for 192.0.2.11 '"Established"'
    record
}

(cd "$here/.." && go test -c -o "$work/record.test" .)
chmod 755 "$work/record.test"
link
for situation in ${@:-normal nobgp not_running nopeers states admin_down}; do
    agent
    $situation
    stop
    rm -f "$work/agentx"
done
