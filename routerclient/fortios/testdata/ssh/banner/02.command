get router info6 bgp summary
