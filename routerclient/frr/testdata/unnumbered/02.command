vtysh -c "show bgp neighbors eth0 json"
