show bgp summary | display xml | no-more
