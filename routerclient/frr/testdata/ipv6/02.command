vtysh -c "show bgp neighbors 2001:db8::12 json" -c "show bgp neighbors 2001:db8::ffff:ffff:ffff:ffff json"
