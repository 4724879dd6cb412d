gobgp -j global
