gobgp neighbor
