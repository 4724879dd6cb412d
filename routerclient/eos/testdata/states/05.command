show ip bgp neighbors 192.0.2.4 vrf default | json
