show ip bgp summary vrf all | json
