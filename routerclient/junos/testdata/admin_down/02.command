show bgp neighbor | display xml | no-more
