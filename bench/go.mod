module github.com/peergate/peergate/bench

go 1.26.0

replace github.com/peergate/peergate => ../

require (
	github.com/peergate/peergate v0.0.0
	github.com/sirikothe/gotextfsm v1.2.0
)

require google.golang.org/protobuf v1.36.12 // indirect
