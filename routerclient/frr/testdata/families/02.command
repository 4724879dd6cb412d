vtysh -c "show bgp neighbors 192.0.2.11 json" -c "show bgp neighbors 192.0.2.12 json" -c "show bgp neighbors 192.0.2.17 json"
