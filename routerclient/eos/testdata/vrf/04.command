show ipv6 bgp peers fd00::1 vrf BLUE | json
