show bgp process detail
