info from state network-instance * protocols bgp | as json
