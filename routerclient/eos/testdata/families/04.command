show bgp summary vrf all | json
