vtysh -c "show bgp vrf red neighbors 192.0.2.11 json"
