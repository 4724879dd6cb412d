show ip bgp neighbors 10.1.1.1 vrf default | json
