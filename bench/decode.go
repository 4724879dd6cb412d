package main

import (
	"encoding/json"
	"encoding/xml"
)

// The types below are what encoding/json and encoding/xml decode an answer into: the fields that the driver reads, as the
// plainest Go types that take them.

type frrFamily struct {
	RouterID string `json:"routerId"`
	AS       uint32 `json:"as"`
	Total    int    `json:"totalPeers"`
	Peers    map[string]struct {
		RemoteAS       uint32 `json:"remoteAs"`
		LocalAS        uint32 `json:"localAs"`
		DynamicPeer    bool   `json:"dynamicPeer"`
		PeerUptimeMsec int64  `json:"peerUptimeMsec"`
		PfxRcd         uint64 `json:"pfxRcd"`
		State          string `json:"state"`
		PeerState      string `json:"peerState"`
		IDType         string `json:"idType"`
	} `json:"peers"`
}

func decodeFRR(answers [][]byte) (int, error) {
	var vrfs map[string]map[string]frrFamily
	err := json.Unmarshal(answers[0], &vrfs)
	return len(vrfs["default"]["ipv4Unicast"].Peers), err
}

func decodeOPNsense(answers [][]byte) (int, error) {
	var wrapped struct {
		Response map[string]frrFamily `json:"response"`
	}
	err := json.Unmarshal(answers[0], &wrapped)
	return len(wrapped.Response["ipv4Unicast"].Peers), err
}

func decodeRouterOS(answers [][]byte) (int, error) {
	var connections []struct {
		Name          string `json:"name"`
		RemoteAddress string `json:"remote.address"`
		RemoteAS      string `json:"remote.as"`
		AS            string `json:"as"`
		VRF           string `json:"vrf"`
		Listen        string `json:"listen"`
		Templates     string `json:"templates"`
		Disabled      string `json:"disabled"`
		Inactive      string `json:"inactive"`
	}
	if err := json.Unmarshal(answers[0], &connections); err != nil {
		return 0, err
	}
	var sessions []struct {
		Name          string `json:"name"`
		RemoteAddress string `json:"remote.address"`
		RemoteAS      string `json:"remote.as"`
		RemoteID      string `json:"remote.id"`
		RemoteAFI     string `json:"remote.afi"`
		LocalAS       string `json:"local.as"`
		LocalID       string `json:"local.id"`
		LocalAFI      string `json:"local.afi"`
		VRF           string `json:"vrf"`
		Established   string `json:"established"`
		Uptime        string `json:"uptime"`
		PrefixCount   string `json:"prefix-count"`
	}
	err := json.Unmarshal(answers[1], &sessions)
	return min(len(connections), len(sessions)), err
}

func decodeEOS(answers [][]byte) (int, error) {
	peers := 0
	for _, answer := range answers {
		var summary struct {
			VRFs map[string]struct {
				RouterID string `json:"routerId"`
				ASN      string `json:"asn"`
				Peers    map[string]struct {
					ASN            string  `json:"asn"`
					PeerState      string  `json:"peerState"`
					IdleReason     string  `json:"peerStateIdleReason"`
					UpDownTime     float64 `json:"upDownTime"`
					PrefixReceived uint64  `json:"prefixReceived"`
				} `json:"peers"`
			} `json:"vrfs"`
		}
		if err := json.Unmarshal(answer, &summary); err != nil {
			return 0, err
		}
		peers += len(summary.VRFs["default"].Peers)
	}
	return peers, nil
}

type nxosFamily struct {
	Name       string `json:"af-name"`
	Configured string `json:"configuredpeers"`
	Neighbors  struct {
		Rows []struct {
			ID       string `json:"neighborid"`
			ASN      string `json:"neighboras"`
			Time     string `json:"time"`
			State    string `json:"state"`
			Received string `json:"prefixreceived"`
		} `json:"ROW_neighbor"`
	} `json:"TABLE_neighbor"`
}

func decodeNXOS(answers [][]byte) (int, error) {
	var summary struct {
		VRFs struct {
			Rows []struct {
				Name     string `json:"vrf-name-out"`
				RouterID string `json:"vrf-router-id"`
				LocalASN string `json:"vrf-local-as"`
				Families struct {
					Rows []struct {
						Subfamilies struct {
							Rows []nxosFamily `json:"ROW_saf"`
						} `json:"TABLE_saf"`
					} `json:"ROW_af"`
				} `json:"TABLE_af"`
			} `json:"ROW_vrf"`
		} `json:"TABLE_vrf"`
	}
	if err := json.Unmarshal(answers[0], &summary); err != nil {
		return 0, err
	}
	peers := 0
	for _, vrf := range summary.VRFs.Rows {
		for _, family := range vrf.Families.Rows {
			for _, subfamily := range family.Subfamilies.Rows {
				peers += len(subfamily.Neighbors.Rows)
			}
		}
	}
	return peers, nil
}

type junosPeer struct {
	Address     string `xml:"peer-address"`
	AS          string `xml:"peer-as"`
	LocalAS     string `xml:"local-as"`
	Group       string `xml:"peer-group"`
	Instance    string `xml:"peer-cfg-rti"`
	Forwarding  string `xml:"peer-fwd-rti"`
	State       string `xml:"peer-state"`
	Flags       string `xml:"peer-flags"`
	LastError   string `xml:"last-error"`
	ID          string `xml:"peer-id"`
	LocalID     string `xml:"local-id"`
	Options     string `xml:"bgp-option-information>bgp-options-extended"`
	ElapsedTime struct {
		Seconds string `xml:"seconds,attr"`
	} `xml:"elapsed-time"`
	RIBs []struct {
		Name     string `xml:"name"`
		Received string `xml:"received-prefix-count"`
	} `xml:"bgp-rib"`
}

func decodeJunos(answers [][]byte) (int, error) {
	peers := 0
	for _, answer := range answers {
		var reply struct {
			Count int         `xml:"bgp-information>peer-count"`
			Peers []junosPeer `xml:"bgp-information>bgp-peer"`
		}
		if err := xml.Unmarshal(answer, &reply); err != nil {
			return 0, err
		}
		peers = len(reply.Peers)
	}
	return peers, nil
}

type openBGPDCapabilities struct {
	Multiprotocol []string `json:"multiprotocol"`
}

func decodeOpenBGPD(answers [][]byte) (int, error) {
	var table struct {
		Neighbors []struct {
			RemoteAS      string `json:"remote_as"`
			Group         string `json:"group"`
			RemoteAddr    string `json:"remote_addr"`
			BGPID         string `json:"bgpid"`
			State         string `json:"state"`
			LastUpDownSec int64  `json:"last_updown_sec"`
			LastError     string `json:"last_error_received"`
			Config        struct {
				Cloned       bool                 `json:"cloned"`
				Down         bool                 `json:"down"`
				Capabilities openBGPDCapabilities `json:"capabilities"`
			} `json:"config"`
			Stats struct {
				Prefixes struct {
					Received uint64 `json:"received"`
				} `json:"prefixes"`
			} `json:"stats"`
			Session struct {
				Capabilities openBGPDCapabilities `json:"capabilities"`
			} `json:"session"`
		} `json:"neighbors"`
	}
	err := json.Unmarshal(answers[0], &table)
	return len(table.Neighbors), err
}

// decodeGoBGP leaves the last answer out, which is text.
func decodeGoBGP(answers [][]byte) (int, error) {
	var peers []struct {
		Conf struct {
			LocalASN        uint32 `json:"local_asn"`
			NeighborAddress string `json:"neighbor_address"`
			PeerGroup       string `json:"peer_group"`
			VRF             string `json:"vrf"`
		} `json:"conf"`
		State struct {
			PeerASN         uint32 `json:"peer_asn"`
			NeighborAddress string `json:"neighbor_address"`
			SessionState    int    `json:"session_state"`
			RouterID        string `json:"router_id"`
		} `json:"state"`
		AFISAFIs []struct {
			State struct {
				Family struct {
					AFI  int `json:"afi"`
					SAFI int `json:"safi"`
				} `json:"family"`
				Received uint64 `json:"received"`
				Accepted uint64 `json:"accepted"`
			} `json:"state"`
		} `json:"afi_safis"`
	}
	err := json.Unmarshal(answers[1], &peers)
	return len(peers), err
}

func decodeFortiOS(answers [][]byte) (int, error) {
	peers := 0
	for _, answer := range answers[:2] {
		var vdoms []struct {
			VDOM    string `json:"vdom"`
			Status  string `json:"status"`
			Results []struct {
				IP          string `json:"neighbor_ip"`
				RemoteAS    uint32 `json:"remote_as"`
				AdminStatus *bool  `json:"admin_status"`
				State       string `json:"state"`
			} `json:"results"`
		}
		if err := json.Unmarshal(answer, &vdoms); err != nil {
			return 0, err
		}
		peers += len(vdoms[0].Results)
	}
	var configured []struct {
		VDOM    string `json:"vdom"`
		Status  string `json:"status"`
		Results struct {
			AS        uint32 `json:"as"`
			RouterID  string `json:"router-id"`
			Neighbors []struct {
				IP       string `json:"ip"`
				RemoteAS uint32 `json:"remote-as"`
				Shutdown string `json:"shutdown"`
			} `json:"neighbor"`
		} `json:"results"`
	}
	err := json.Unmarshal(answers[2], &configured)
	return peers, err
}

func decodeSRLinux(answers [][]byte) (int, error) {
	var state struct {
		Instances []struct {
			Name      string `json:"name"`
			Protocols struct {
				BGP struct {
					ASN       uint32 `json:"autonomous-system"`
					RouterID  string `json:"router-id"`
					Neighbors []struct {
						PeerAddress     string `json:"peer-address"`
						AdminState      string `json:"admin-state"`
						PeerAS          uint32 `json:"peer-as"`
						PeerGroup       string `json:"peer-group"`
						PeerRouterID    string `json:"peer-router-id"`
						SessionState    string `json:"session-state"`
						LastEvent       string `json:"last-event"`
						LastEstablished string `json:"last-established"`
						AFISAFI         []struct {
							Name           string `json:"afi-safi-name"`
							OperState      string `json:"oper-state"`
							ReceivedRoutes uint64 `json:"received-routes"`
						} `json:"afi-safi"`
					} `json:"neighbor"`
				} `json:"bgp"`
			} `json:"protocols"`
		} `json:"network-instance"`
	}
	if err := json.Unmarshal(answers[0], &state); err != nil {
		return 0, err
	}
	peers := 0
	for _, instance := range state.Instances {
		peers += len(instance.Protocols.BGP.Neighbors)
	}
	return peers, nil
}
