show bgp all neighbors | include For address family|BGP neighbor is|Member of peer-group|Administratively shut|remote router ID|BGP state =|Address family|Last reset
