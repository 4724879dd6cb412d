show ipv6 bgp peers 2001:db8:ffff:ffff:ffff:ffff:ffff:fff4 vrf default | json
