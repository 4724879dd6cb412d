show ipv6 bgp peers fd00::33 vrf default | json
