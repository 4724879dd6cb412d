show ip bgp neighbors 192.168.3.33 vrf default | json
