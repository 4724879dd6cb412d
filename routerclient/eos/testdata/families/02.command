show ipv6 bgp summary vrf all | json
