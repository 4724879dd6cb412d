get router info bgp summary
