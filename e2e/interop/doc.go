// Package interop has no code, only tests: Peergate's drivers read live routers (FRR, BIRD, OpenBGPD, GoBGP) behind a
// real sshd with the account that the documentation describes, while nodes run what a cluster's network plugin runs
// there: FRR (MetalLB, frr-k8s), GoBGP (Cilium, kube-router) and BIRD (Calico).
//
// With PEERGATE_RECORD=1, TestRecord records the testdata of the drivers for BIRD, OpenBGPD and GoBGP anew.
package interop
