show ip bgp neighbors 192.0.2.1 vrf default | json
