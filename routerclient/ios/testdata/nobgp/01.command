show bgp all summary
