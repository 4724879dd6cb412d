info with-context from state network-instance * protocols bgp | as json
