show ip bgp neighbors 192.168.3.31 vrf default | json
