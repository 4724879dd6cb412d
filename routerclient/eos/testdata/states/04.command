show ip bgp neighbors 192.0.2.3 vrf default | json
