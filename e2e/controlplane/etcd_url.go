package controlplane

// EtcdURL is where etcd serves clients, over plain HTTP. It has every write, in order, also of the moments before the API
// server is stopped, and is never stopped itself.
func (c *Cluster) EtcdURL() string { return c.etcdURL }
