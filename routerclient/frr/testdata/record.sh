#!/bin/bash
# Records testdata/*/ again from a real FRR (last: Debian 12's 8.4.4), with nodes that are FRRs too, in network namespaces of their own.
# Needs root, frr, iproute2, python3 and go. Afterwards: go test ./routerclient/frr -update, and read the difference.
# Usage: record.sh [SITUATION...]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
chmod 755 "$work"
router=pgrec-router nodes=pgrec-nodes
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
    for pid in "${pids[@]}"; do kill -CONT "$pid" 2>/dev/null || true; kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done; done
    pids=()
    rm -rf /var/run/frr/pgrec-*
}

# A link between router and nodes, with the nodes' addresses on the nodes' end.
link() {
    ip netns add $router
    ip netns add $nodes
    ip link add pgrec-r netns $router type veth peer name pgrec-n netns $nodes
    ip -n $router link set pgrec-r name eth0
    ip -n $nodes link set pgrec-n name eth0 address 02:00:00:00:00:02
    local n
    ip -n $router addr add 192.0.2.1/24 dev eth0
    ip -n $router addr add 2001:db8::1/64 dev eth0 nodad
    for n in 11 12 13 15 16 17 18 40; do
        ip -n $nodes addr add 192.0.2.$n/24 dev eth0
        ip -n $nodes addr add 2001:db8::$n/64 dev eth0 nodad
    done
    ip -n $nodes addr add 2001:db8::ffff:ffff:ffff:ffff/64 dev eth0 nodad
    for n in $router $nodes; do
        ip -n $n link set lo up
        ip -n $n link set eth0 up
    done
    # 192.0.2.14 swallows what is sent to it.
    ip -n $router neigh add 192.0.2.14 lladdr 02:00:00:00:00:02 dev eth0
    until ip -n $router -6 addr show dev eth0 | grep -q 'fe80.*link' && ! ip -n $router -6 addr show dev eth0 | grep -q tentative; do sleep 0.1; done
}

# daemon NAMESPACE PATHSPACE zebra|bgpd [OPTION...], with the configuration on standard input.
daemon() {
    local namespace=$1 pathspace=pgrec-$2 daemon=$3
    shift 3
    local stem=$work/$pathspace-$daemon
    cat >"$stem.conf"
    install -d -o frr -g frr "$work/run" "/var/run/frr/$pathspace"
    chown frr "$stem.conf"
    ip netns exec $namespace /usr/lib/frr/$daemon -d -N "$pathspace" -u frr -g frr -f "$stem.conf" -i "$work/run/$pathspace-$daemon.pid" \
        -P 0 "$@" >"$stem.out" 2>&1 </dev/null || die "$daemon does not start: $(cat "$stem.out")"
    pids+=("$(cat "$work/run/$pathspace-$daemon.pid")")
}

router() { # the router's bgpd, after its zebra
    daemon $router router zebra </dev/null
    daemon $router router bgpd
}

node() { # node N ASN [NETWORK...]: a node 192.0.2.N that announces the networks
    local n=$1 asn=$2 network
    shift 2
    daemon $nodes "node$n" bgpd -Z -l "192.0.2.$n" < <(
        printf 'router bgp %s\n bgp router-id 192.0.2.%s\n no bgp ebgp-requires-policy\n no bgp network import-check\n' "$asn" "$n"
        printf ' neighbor 192.0.2.1 remote-as 64512\n neighbor 192.0.2.1 update-source 192.0.2.%s\n neighbor 192.0.2.1 timers connect 1\n' "$n"
        printf ' address-family ipv4 unicast\n'
        for network; do printf '  network %s\n' "$network"; done
    )
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

vtysh_router() { ip netns exec $router vtysh -N pgrec-router -c "$1" 2>/dev/null; }

# wait_for NEIGHBOR STATE [VRF]: waits, for at most half a minute, until the router shows the neighbor in the state.
wait_for() {
    local neighbor=$1 state=$2 vrf=${3:-default} tries=0
    until vtysh_router 'show bgp vrf all summary json' | python3 -c '
import json, sys
vrf, neighbor, state = sys.argv[1:]
families = json.load(sys.stdin).get(vrf, {}).values()
sys.exit(not any(family["peers"].get(neighbor, {}).get("state") == state for family in families))' "$vrf" "$neighbor" "$state"; do
        [ $((tries += 1)) -lt 150 ] || die "$situation: neighbor $neighbor does not become $state: $(vtysh_router 'show bgp vrf all summary')"
        sleep 0.2
    done
}

# wait_for_routes NEIGHBOR N: waits until the router has N prefixes from the neighbor.
wait_for_routes() {
    until vtysh_router 'show bgp vrf all summary json' | tr -d '\n' | grep -qE "\"$1\":\{[^}]*\"pfxRcd\":$2,"; do sleep 0.2; done
}

# record: asks the router with the driver. The vtysh on its path is the one on standard input.
record() {
    local bin=$work/bin out=$here/$situation
    mkdir -p "$bin" "$out"
    { echo '#!/bin/sh'; cat; } >"$bin/vtysh"
    chmod 755 "$bin/vtysh"
    rm -f "$out"/[0-9]*
    PATH=$bin:$PATH PEERGATE_RECORD=$out ip netns exec $router "$work/record.test" -test.run '^TestRecord$' >/dev/null
    echo "recorded $situation: $(ls "$out"/*.command | wc -l) commands"
}
as_is='exec /usr/bin/vtysh -N pgrec-router "$@"'

normal_router() {
    router <<CONF
router bgp 64512
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 neighbor 192.0.2.11 remote-as 64513
 neighbor 192.0.2.12 remote-as 64513
 neighbor 192.0.2.13 remote-as 64513
 neighbor 192.0.2.18 remote-as 64513
CONF
    node 11 64513 203.0.113.1/32 203.0.113.2/32
    node 12 64513 203.0.113.1/32
    node 18 64999
    wait_for_routes 192.0.2.11 2
    wait_for_routes 192.0.2.12 1
    wait_for 192.0.2.13 Active
    until vtysh_router 'show bgp neighbors 192.0.2.18 json' | grep -q 'Bad Peer AS'; do sleep 0.2; done
}
normal() { normal_router; record <<<"$as_is"; }
banner() { normal_router; printf '%s\n' "printf '%s\n' '*** {Private} network. ***' '' 'Authorised use only.'" "$as_is" | record; }
reasons_denied() {
    normal_router
    printf '%s\n' 'case $* in *neighbors*) echo "bgp-ro: this command is not on the list" >&2; exit 77;; esac' "$as_is" | record
}

nobgp() { router </dev/null; record <<<"$as_is"; }
not_running() { daemon $router router zebra </dev/null; record <<<"$as_is"; }
nopeers() { router <<<$'router bgp 64512\n bgp router-id 192.0.2.1'; record <<<"$as_is"; }
permission_denied() { normal_router; record <<<'exec setpriv --reuid nobody --clear-groups --regid nogroup /usr/bin/vtysh -N pgrec-router "$@"'; }

states() {
    speaker 15 silent
    speaker 16 open
    router <<CONF
router bgp 64512
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
$(for n in 11 12 13 14 15 16 17; do echo " neighbor 192.0.2.$n remote-as 64513"; done)
 neighbor 192.0.2.12 shutdown
 neighbor 198.51.100.1 remote-as 64513
 neighbor 192.0.2.13 passive
CONF
    node 11 64513
    node 17 64513 203.0.113.1/32 203.0.113.2/32
    wait_for 192.0.2.11 Established
    wait_for 192.0.2.12 'Idle (Admin)'
    wait_for 192.0.2.13 Active
    wait_for 192.0.2.14 Connect
    wait_for 192.0.2.15 OpenSent
    wait_for 192.0.2.16 OpenConfirm
    wait_for 192.0.2.17 Established
    # FRR 8.4.4 counts the prefixes when the limit is set; one set before they came is not enforced.
    ip netns exec $router vtysh -N pgrec-router -c 'configure terminal' -c 'router bgp' -c 'address-family ipv4 unicast' \
        -c 'neighbor 192.0.2.17 maximum-prefix 1' 2>/dev/null
    wait_for 192.0.2.17 'Idle (PfxCt)'
    wait_for 198.51.100.1 Active
    record <<<"$as_is"
}

admin_down() {
    router <<CONF
router bgp 64512
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 neighbor 192.0.2.11 remote-as 64513
 neighbor 192.0.2.12 remote-as 64513
 neighbor 192.0.2.12 shutdown message replacing the disk
CONF
    node 11 64513
    wait_for 192.0.2.11 Established
    record <<<"$as_is"
}

ipv6() {
    router <<CONF
router bgp 64512
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 neighbor 192.0.2.11 remote-as 64513
 neighbor 2001:db8::12 remote-as 64513
 neighbor 2001:db8::ffff:ffff:ffff:ffff remote-as 64513
 address-family ipv4 unicast
  no neighbor 2001:db8::ffff:ffff:ffff:ffff activate
 address-family ipv6 unicast
  neighbor 2001:db8::12 activate
  neighbor 2001:db8::ffff:ffff:ffff:ffff activate
CONF
    node 11 64513
    daemon $nodes node12 bgpd -Z -l 2001:db8::12 <<CONF
router bgp 64513
 bgp router-id 192.0.2.12
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 2001:db8::1 remote-as 64512
 neighbor 2001:db8::1 update-source 2001:db8::12
 neighbor 2001:db8::1 timers connect 1
 address-family ipv6 unicast
  neighbor 2001:db8::1 activate
  network 2001:db8:1::1/128
CONF
    wait_for 192.0.2.11 Established
    wait_for_routes 2001:db8::12 1
    record <<<"$as_is"
}

# Of two nodes without a route, both activated for both families, one has activated both as well.
families() {
    router <<CONF
router bgp 64512
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
$(for n in 11 12 17; do echo " neighbor 192.0.2.$n remote-as 64513"; done)
 address-family ipv6 unicast
$(for n in 11 12 17; do echo "  neighbor 192.0.2.$n activate"; done)
CONF
    node 11 64513
    node 17 64513 203.0.113.1/32
    daemon $nodes node12 bgpd -Z -l 192.0.2.12 <<CONF
router bgp 64513
 bgp router-id 192.0.2.12
 no bgp ebgp-requires-policy
 neighbor 192.0.2.1 remote-as 64512
 neighbor 192.0.2.1 update-source 192.0.2.12
 neighbor 192.0.2.1 timers connect 1
 address-family ipv6 unicast
  neighbor 192.0.2.1 activate
CONF
    wait_for 192.0.2.11 Established
    wait_for 192.0.2.12 Established
    wait_for_routes 192.0.2.17 1
    record <<<"$as_is"
}

vrf() {
    router <<CONF
router bgp 64512
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 neighbor 192.0.2.11 remote-as 64513
router bgp 64520 vrf red
 bgp router-id 198.51.100.1
 neighbor NODES peer-group
 neighbor 192.0.2.11 remote-as 64521
 neighbor 192.0.2.11 peer-group NODES
CONF
    node 11 64513
    wait_for 192.0.2.11 Established
    wait_for 192.0.2.11 Idle red
    record <<<"$as_is"
}

dynamic_router() {
    router <<CONF
router bgp 64512
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 neighbor NODES peer-group
 neighbor NODES remote-as 64513
 neighbor QUIET peer-group
 neighbor QUIET remote-as 64513
 neighbor 192.0.2.11 peer-group NODES
 neighbor 192.0.2.13 peer-group QUIET
 bgp listen range 192.0.2.32/27 peer-group NODES
 bgp listen range 2001:db8:2::/64 peer-group NODES
 address-family ipv4 unicast
  no neighbor QUIET activate
CONF
    node 11 64513
    node 40 64513
    wait_for 192.0.2.11 Established
    wait_for 192.0.2.40 Established
}
dynamic() { dynamic_router; record <<<"$as_is"; }
listen_ranges_denied() {
    dynamic_router
    printf '%s\n' 'case $* in *peer-group*) echo "bgp-ro: this command is not on the list" >&2; exit 77;; esac' "$as_is" | record
}
listen_only() {
    router <<CONF
router bgp 64512
 bgp router-id 192.0.2.1
 neighbor NODES peer-group
 neighbor NODES remote-as 64513
 bgp listen range 192.0.2.32/27 peer-group NODES
CONF
    record <<<"$as_is"
}

policy_blocked() {
    router <<CONF
route-map ALL permit 1
router bgp 64512
 bgp router-id 192.0.2.1
$(for n in 11 12 13; do echo " neighbor 192.0.2.$n remote-as 64513"; done)
 address-family ipv4 unicast
  neighbor 192.0.2.12 route-map ALL in
  neighbor 192.0.2.12 route-map ALL out
CONF
    node 11 64513 203.0.113.1/32
    node 12 64513 203.0.113.1/32
    wait_for 192.0.2.11 Established
    wait_for_routes 192.0.2.12 1
    wait_for 192.0.2.13 Active
    record <<<"$as_is"
}

unnumbered() {
    router <<CONF
router bgp 64512
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 neighbor eth0 interface remote-as external
CONF
    daemon $nodes node11 zebra </dev/null
    daemon $nodes node11 bgpd <<CONF
router bgp 64513
 bgp router-id 192.0.2.11
 no bgp ebgp-requires-policy
 neighbor eth0 interface remote-as external
CONF
    wait_for eth0 Established
    record <<<"$as_is"
}

(cd "$here/.." && go test -c -o "$work/record.test" .)
chmod 755 "$work/record.test"
link
for situation in ${@:-normal banner reasons_denied nobgp not_running nopeers permission_denied states admin_down ipv6 families vrf \
    dynamic listen_ranges_denied listen_only policy_blocked unnumbered}; do
    $situation
    stop
done
