show ip bgp neighbors 192.0.2.5 vrf default | json
