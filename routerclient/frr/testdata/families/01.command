vtysh -c "show bgp vrf all summary json"
