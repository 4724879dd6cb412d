package chaos_test

import (
	"io"
	"net"
	"net/url"
	"sync"

	"k8s.io/client-go/rest"
)

// network is between the replicas and the API server, with a cable for each replica.
type network struct {
	mu     sync.Mutex
	cables map[string]*cable // by the URL at which the replica reaches the API server
}

// via leads a replica through a cable of its own. TLS goes through it untouched.
func (n *network) via(config *rest.Config) {
	server, err := url.Parse(config.Host)
	if err != nil {
		panic(err) // the cluster's own address
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err) // loopback has no free port
	}
	c := &cable{listener: listener, server: server.Host, conns: map[net.Conn]struct{}{}}
	go c.accept()
	config.Host = "https://" + listener.Addr().String()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cables == nil {
		n.cables = map[string]*cable{}
	}
	n.cables[config.Host] = c
}

// of is the cable of the replica with that APIServer, or nil.
func (n *network) of(apiServer string) *cable {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cables[apiServer]
}

func (n *network) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.cables {
		_ = c.listener.Close()
		c.cut()
	}
}

// cable carries connections until it is cut.
type cable struct {
	listener net.Listener
	server   string

	mu    sync.Mutex
	isCut bool
	conns map[net.Conn]struct{}
}

func (c *cable) accept() {
	for {
		near, err := c.listener.Accept()
		if err != nil {
			return
		}
		go c.carry(near)
	}
}

func (c *cable) carry(near net.Conn) {
	far, err := net.Dial("tcp", c.server)
	if err != nil {
		_ = near.Close()
		return
	}
	if !c.add(near, far) {
		return
	}
	go c.copy(near, far)
	c.copy(far, near)
}

// copy ends both connections when one ends.
func (c *cable) copy(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range []net.Conn{to, from} {
		_ = conn.Close()
		delete(c.conns, conn)
	}
}

// add closes the connections if the cable is cut.
func (c *cable) add(conns ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range conns {
		if c.isCut {
			_ = conn.Close()
			continue
		}
		c.conns[conn] = struct{}{}
	}
	return !c.isCut
}

// cut ends what the cable carries, and refuses more.
func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isCut = true
	for conn := range c.conns {
		_ = conn.Close()
	}
}

func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isCut = false
}
