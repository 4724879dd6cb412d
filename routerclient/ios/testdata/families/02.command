show bgp all summary | count listen range group members
