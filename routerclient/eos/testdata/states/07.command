show ip bgp neighbors 192.0.2.6 vrf default | json
