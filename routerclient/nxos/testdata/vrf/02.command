show bgp vrf default all neighbors | egrep "BGP neighbor is|router ID|BGP state|Last reset"
