vtysh -c "show bgp peer-group json"
