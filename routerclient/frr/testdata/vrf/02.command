vtysh -c "show bgp vrf red peer-group json"
