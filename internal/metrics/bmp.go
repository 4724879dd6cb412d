package metrics

import "github.com/prometheus/client_golang/prometheus"

var (
	bmpStreams = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "peergate_bmp_streams",
		Help: "BMP connections on which the router tells of its sessions by itself. Leader only.",
	}, []string{"router"})
	bmpMessages = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "peergate_bmp_messages_total",
		Help: "BMP messages of the router, by type. Leader only.",
	}, []string{"router", "type"})
	bmpRefused = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "peergate_bmp_refused_connections_total",
		Help: "BMP connections that were closed before a message was read, by reason: UnknownSender, TooMany or TLS. Leader only.",
	}, []string{"reason"})
)

func init() { register(bmpStreams, bmpMessages, bmpRefused) }

// BMPStreams sets how many connections a router has.
func BMPStreams(router string, n int) { bmpStreams.WithLabelValues(router).Set(float64(n)) }

// BMPMessage counts a message.
func BMPMessage(router, kind string) { bmpMessages.WithLabelValues(router, kind).Inc() }

// BMPRefused counts a connection that was closed before a message was read.
func BMPRefused(reason string) { bmpRefused.WithLabelValues(reason).Inc() }

// ForgetBMP drops the series of a router.
func ForgetBMP(router string) {
	label := prometheus.Labels{"router": router}
	bmpStreams.DeletePartialMatch(label)
	bmpMessages.DeletePartialMatch(label)
}
