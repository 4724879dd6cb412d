package doctor

import (
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// autoscalerPrefixes are those of taints that cluster-autoscaler knows without a flag (its FAQ, "How does CA deal with
// startup taints").
var autoscalerPrefixes = []string{
	"startup-taint.cluster-autoscaler.kubernetes.io/",
	"ignore-taint.cluster-autoscaler.kubernetes.io/",
	"status-taint.cluster-autoscaler.kubernetes.io/",
}

// clusterAutoscaler looks for autoscalers that take a held node for one that never gets ready, and add more, or that take
// the taint for one that every node of the group will have, and add none.
func clusterAutoscaler(f Facts) ([]Finding, error) {
	deployments, err := f.Deployments.Get()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for i := range deployments {
		d := &deployments[i]
		for j := range d.Spec.Template.Spec.Containers {
			if c := &d.Spec.Template.Spec.Containers[j]; isAutoscaler(c) && !autoscalerKnows(c, f.Taint.Key) {
				found = append(found, unawareAutoscaler(d, c, j, f.Taint.Key))
			}
		}
	}
	return found, nil
}

// isAutoscaler goes by the image, whatever registry it comes from, and by the program that is run.
func isAutoscaler(c *corev1.Container) bool {
	return imageName(c.Image) == "cluster-autoscaler" ||
		slices.ContainsFunc(c.Command, func(word string) bool { return strings.HasSuffix(word, "/cluster-autoscaler") })
}

// imageName is the last part of an image's path, without tag and digest. Builds for one architecture carry it as a suffix.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	image = image[strings.LastIndex(image, "/")+1:]
	image, _, _ = strings.Cut(image, ":")
	for _, architecture := range []string{"-amd64", "-arm64", "-s390x"} {
		image = strings.TrimSuffix(image, architecture)
	}
	return image
}

func autoscalerKnows(c *corev1.Container, key string) bool {
	args := slices.Concat(c.Command, c.Args)
	prefixes := append(slices.Clone(autoscalerPrefixes), flagValues(args, "startup-taint-prefix")...)
	if slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) }) {
		return true
	}
	return slices.ContainsFunc([]string{"startup-taint", "ignore-taint", "status-taint"}, func(flag string) bool {
		return slices.Contains(flagValues(args, flag), key)
	})
}

func unawareAutoscaler(d *appsv1.Deployment, c *corev1.Container, index int, key string) Finding {
	list := "command"
	if len(c.Args) > 0 {
		list = "args"
	}
	patch := fmt.Sprintf(`[{"op":"add","path":"/spec/template/spec/containers/%d/%s/-","value":"--startup-taint=%s"}]`, index, list, key)
	return Finding{
		Level:   Warning,
		Message: fmt.Sprintf("cluster-autoscaler %s/%s does not know the taint %s: it may add nodes without end while one is held, or none at all", d.Namespace, d.Name, key),
		Fix:     "Give it the flag --startup-taint=" + key + "; with its Helm chart, extraArgs.startup-taint=" + key + ".",
		Commands: []string{
			fmt.Sprintf("kubectl -n %s patch deployment %s --type json -p '%s'", d.Namespace, d.Name, patch),
		},
	}
}
