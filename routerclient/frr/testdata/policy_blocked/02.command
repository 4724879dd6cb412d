vtysh -c "show bgp neighbors 192.0.2.13 json"
