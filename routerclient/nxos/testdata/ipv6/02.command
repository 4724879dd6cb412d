show bgp vrf default all neighbors | egrep "BGP neighbor is|prefix peering|router ID|BGP state|Last reset|Address family I"
