gobgp -j neighbor
