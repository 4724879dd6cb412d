bgpctl -j show neighbor
