package speaker

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What Helm writes on whatever it installs.
const (
	ReleaseName      = "meta.helm.sh/release-name"
	ReleaseNamespace = "meta.helm.sh/release-namespace"
)

// helmChart is a label that charts give to what they render, whoever installs it.
const helmChart = "helm.sh/chart"

// What GitOps tools write on what they apply: Argo CD an annotation, which begins with the application's name, or a label
// of old; Flux two labels.
const (
	argoTrackingID = "argocd.argoproj.io/tracking-id"
	argoInstance   = "argocd.argoproj.io/instance"
	fluxName       = "kustomize.toolkit.fluxcd.io/name"
	fluxNamespace  = "kustomize.toolkit.fluxcd.io/namespace"
)

// Annotations are those of a DaemonSet that Of reads.
var Annotations = []string{ReleaseName, ReleaseNamespace, argoTrackingID}

// operators are those whose objects hold the tolerations of the DaemonSets that they own, by the kind of the object.
// What is patched in the DaemonSet itself is undone by them.
var operators = map[string]struct {
	resource string
	// spec wraps tolerations as far as the object's spec.
	spec func(tolerations []corev1.Toleration) any
}{
	// metallb-operator gives frr-k8s the tolerations of the speaker.
	"MetalLB": {"metallbs.metallb.io", func(t []corev1.Toleration) any {
		return map[string]any{"speakerTolerations": t}
	}},
	// The tigera-operator's own Helm chart makes this object from its values below installation.
	"Installation": {"installations.operator.tigera.io", func(t []corev1.Toleration) any {
		return map[string]any{"calicoNodeDaemonSet": map[string]any{"spec": map[string]any{"template": map[string]any{
			"spec": map[string]any{"tolerations": t},
		}}}}
	}},
}

// fix says how to add the toleration in the place from which the DaemonSet is made: its operator's object, its Helm
// release, the manifests that a GitOps tool applies, or itself. A list of tolerations is replaced as a whole, so what is in it is said again.
func fix(d *appsv1.DaemonSet, p product, taint corev1.Taint) string {
	if owner := metav1.GetControllerOf(d); owner != nil {
		return fixOwner(d, p, *owner, taint)
	}
	if release := d.Annotations[ReleaseName]; release != "" {
		return fmt.Sprintf("in Helm release %s of namespace %s %s",
			said(release), said(d.Annotations[ReleaseNamespace]), fixValue(d, p, taint))
	}
	if tool := gitOps(d); tool != "" {
		if d.Labels[helmChart] == "" {
			p.value = "" // its manifests, and not its chart
		}
		return fmt.Sprintf("in the source of %s, which would undo a patch, %s", tool, fixValue(d, p, taint))
	}
	return patchTemplate(d, taint)
}

// gitOps names what applies the DaemonSet again and again from somewhere else, or is "".
func gitOps(d *appsv1.DaemonSet) string {
	application, _, _ := strings.Cut(d.Annotations[argoTrackingID], ":")
	if application = cmp.Or(application, d.Labels[argoInstance]); application != "" {
		return "Argo CD's application " + said(application)
	}
	if name := d.Labels[fluxName]; name != "" {
		return fmt.Sprintf("Flux's Kustomization %s of namespace %s", said(name), said(d.Labels[fluxNamespace]))
	}
	return ""
}

// said quotes what is no name of anything. Whoever may write a DaemonSet writes its annotations and its owner as they
// like, and what is said here is pasted into a shell by people who may do more.
func said(name string) string {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !strings.ContainsRune(nameRunes, r) }) {
		return strconv.Quote(name)
	}
	return name
}

const nameRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./"

func fixValue(d *appsv1.DaemonSet, p product, taint corev1.Taint) string {
	if p.value == "" {
		return "add the toleration " + encode(Toleration(taint))
	}
	return fmt.Sprintf("set %s to %s", p.value, encode(ownList(d, p, taint)))
}

func fixOwner(d *appsv1.DaemonSet, p product, owner metav1.OwnerReference, taint corev1.Taint) string {
	operator, ok := operators[owner.Kind]
	if !ok || said(owner.Name) != owner.Name {
		return fmt.Sprintf("in %s %s, which owns it, add the toleration %s", said(owner.Kind), said(owner.Name), encode(Toleration(taint)))
	}
	return kubectlPatch(d.Namespace, operator.resource, owner.Name, "merge",
		map[string]any{"spec": operator.spec(ownList(d, p, taint))})
}

// ownList is the list with the toleration, without those that are added to any list.
func ownList(d *appsv1.DaemonSet, p product, taint corev1.Taint) []corev1.Toleration {
	list := slices.DeleteFunc(slices.Clone(d.Spec.Template.Spec.Tolerations), func(t corev1.Toleration) bool {
		return slices.Contains(p.chartAdds, t.Key)
	})
	return append(list, Toleration(taint))
}

func patchTemplate(d *appsv1.DaemonSet, taint corev1.Taint) string {
	operation := map[string]any{"op": "add", "path": "/spec/template/spec/tolerations/-", "value": Toleration(taint)}
	if len(d.Spec.Template.Spec.Tolerations) == 0 {
		operation["path"] = "/spec/template/spec/tolerations"
		operation["value"] = []corev1.Toleration{Toleration(taint)}
	}
	return kubectlPatch(d.Namespace, "daemonset", d.Name, "json", []any{operation})
}

func kubectlPatch(namespace, resource, name, kind string, patch any) string {
	return fmt.Sprintf("kubectl -n %s patch %s %s --type=%s -p '%s'", namespace, resource, name, kind, encode(patch))
}

// encode writes JSON, which is YAML too, and fits between the quotes of a shell: a key, a value or an operator of a
// toleration has no quote in it.
func encode(v any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(fmt.Sprint("encoding maps and tolerations: ", err))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
