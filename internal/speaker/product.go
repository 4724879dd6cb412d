package speaker

import (
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
)

// product is a speaker or network agent as it is shipped. Labels come first: they survive a mirror of the images.
type product struct {
	name string
	// labels are sets of which the DaemonSet or its pods carry one.
	labels []map[string]string
	// images are ends of the repositories of its containers, after any registry, mirror or prefix. Many mirrors are flat:
	// a slash may have become a hyphen.
	images []string
	// value is the path of the tolerations in the values of its Helm chart; empty if it has no chart of its own.
	value string
	// chartAdds are the keys of the tolerations that the chart adds to those in value.
	chartAdds []string
}

// The keys that the charts of MetalLB and frr-k8s add while tolerateMaster is true, as it is by default.
var controlPlane = []string{"node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane"}

// products are as the manifests and charts of their projects had them in 2026. Those of MetalLB and frr-k8s are held
// against what is shipped by the tests in e2e/speaker.
var products = []product{
	{
		name: "MetalLB speaker",
		labels: []map[string]string{
			{"app": "metallb", "component": "speaker"},
			{"app.kubernetes.io/name": "metallb", "app.kubernetes.io/component": "speaker"},
		},
		images: []string{"metallb/speaker"},
		value:  "speaker.tolerations", chartAdds: controlPlane,
	},
	{
		name:   "frr-k8s",
		labels: []map[string]string{{"app.kubernetes.io/component": "frr-k8s"}, {"app": "frr-k8s"}},
		images: []string{"metallb/frr-k8s"},
		value:  "frr-k8s.frrk8s.tolerations (frrk8s.tolerations if it is a release of its own)", chartAdds: controlPlane,
	},
	{
		name:   "Cilium agent",
		labels: []map[string]string{{"k8s-app": "cilium"}, {"app.kubernetes.io/name": "cilium-agent"}},
		value:  "tolerations",
	},
	{
		name:   "Calico node",
		labels: []map[string]string{{"k8s-app": "calico-node"}},
		images: []string{"calico/node"},
	},
	{
		name:   "kube-router",
		labels: []map[string]string{{"k8s-app": "kube-router"}},
		images: []string{"cloudnativelabs/kube-router"},
	},
	{
		name: "kube-vip",
		labels: []map[string]string{
			{"app.kubernetes.io/name": "kube-vip"}, {"app.kubernetes.io/name": "kube-vip-ds"}, {"name": "kube-vip-ds"},
		},
		images: []string{"kube-vip/kube-vip", "kube-vip/kube-vip-iptables"},
		value:  "tolerations",
	},
	{
		name:   "Antrea agent",
		labels: []map[string]string{{"app": "antrea", "component": "antrea-agent"}},
		value:  "agent.tolerations",
	},
	{
		name:   "Kube-OVN speaker",
		labels: []map[string]string{{"app": "kube-ovn-speaker"}},
	},
}

func productOf(d *appsv1.DaemonSet) (product, bool) {
	label := d.Labels[Label]
	if label == "false" {
		return product{}, false
	}
	for _, p := range products {
		if p.hasLabels(d) || p.hasImage(d) {
			return p, true
		}
	}
	return product{name: Labelled}, label == "true"
}

func (p product) hasLabels(d *appsv1.DaemonSet) bool {
	return slices.ContainsFunc(p.labels, func(want map[string]string) bool {
		return contains(d.Labels, want) || contains(d.Spec.Template.Labels, want)
	})
}

func contains(labels, want map[string]string) bool {
	for key, value := range want {
		if labels[key] != value {
			return false
		}
	}
	return true
}

func (p product) hasImage(d *appsv1.DaemonSet) bool {
	for _, container := range d.Spec.Template.Spec.Containers {
		for _, image := range p.images {
			if endsWith(repository(container.Image), image) {
				return true
			}
		}
	}
	return false
}

// repository is an image's name without tag and digest.
func repository(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if colon := strings.LastIndexByte(image, ':'); colon > strings.LastIndexByte(image, '/') {
		image = image[:colon]
	}
	return image
}

// endsWith compares whole words of a path, between slashes or hyphens: the end rancher/mirrored-metallb-speaker is that of
// metallb/speaker.
func endsWith(repository, end string) bool {
	flat := strings.NewReplacer("/", "-")
	rest, ok := strings.CutSuffix(flat.Replace(repository), flat.Replace(end))
	return ok && (rest == "" || strings.HasSuffix(rest, "-"))
}
