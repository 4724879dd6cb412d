show bgp all summary vrf all | json
