// Package build compiles the control plane that the end-to-end tests and the demo run, from Go modules alone: etcd and
// Kubernetes from the module ../binaries, whose go.mod is the one place that names their versions, and cert-manager's
// controllers from e2e/certmanager.
package build

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	kubernetesModule  = "k8s.io/kubernetes"
	etcdModule        = "go.etcd.io/etcd/server/v3"
	certManagerModule = "github.com/cert-manager/cert-manager"
)

// Binaries are the paths of the built programs.
type Binaries struct {
	Etcd                  string
	KubeAPIServer         string
	KubeScheduler         string
	KubeControllerManager string
	Kubectl               string
	CertManager           string
	// CertManagerCRDs is the directory of the CustomResourceDefinitions that belong to CertManager.
	CertManagerCRDs string
}

// All builds what is not there yet into bin/ at the root of the repository that holds the working directory, and says
// on progress how far it is, a line every few seconds; progress may be nil. Kubernetes and etcd take seven minutes on
// two cores with an empty build cache; afterwards All takes about a second. Concurrent calls, also of other
// processes, wait for each other.
func All(ctx context.Context, progress io.Writer) (*Binaries, error) {
	if progress == nil {
		progress = io.Discard
	}
	root, err := repositoryRoot()
	if err != nil {
		return nil, fmt.Errorf("building the control plane: %w", err)
	}
	unlock, err := lock(filepath.Join(root, "bin"))
	if err != nil {
		return nil, fmt.Errorf("building the control plane: %w", err)
	}
	defer unlock()
	binaries, err := buildAll(ctx, root, progress)
	if err != nil {
		return nil, fmt.Errorf("building the control plane: %w", err)
	}
	return binaries, nil
}

func buildAll(ctx context.Context, root string, progress io.Writer) (*Binaries, error) {
	module := filepath.Join(root, "e2e", "controlplane", "binaries")
	kubernetes, err := buildKubernetes(ctx, module, filepath.Join(root, "bin"), progress)
	if err != nil {
		return nil, err
	}
	etcd, err := buildEtcd(ctx, module, filepath.Join(root, "bin"), progress)
	if err != nil {
		return nil, err
	}
	certManager, crds, err := buildCertManager(ctx, filepath.Join(root, "e2e"), filepath.Join(root, "bin"), progress)
	if err != nil {
		return nil, err
	}
	return &Binaries{
		Etcd:                  etcd,
		KubeAPIServer:         filepath.Join(kubernetes, "kube-apiserver"),
		KubeScheduler:         filepath.Join(kubernetes, "kube-scheduler"),
		KubeControllerManager: filepath.Join(kubernetes, "kube-controller-manager"),
		Kubectl:               filepath.Join(kubernetes, "kubectl"),
		CertManager:           certManager,
		CertManagerCRDs:       crds,
	}, nil
}

// buildKubernetes returns the directory of Kubernetes' programs.
func buildKubernetes(ctx context.Context, module, bin string, progress io.Writer) (string, error) {
	version, err := goList(ctx, module, "{{.Version}}", kubernetesModule)
	if err != nil {
		return "", err
	}
	major, minor, ok := majorMinor(version)
	if !ok {
		return "", fmt.Errorf("reading the version of %s: %q is no version", kubernetesModule, version)
	}
	// Kubernetes' own build stamps its version; without the stamp it takes itself for v0.0.0 and refuses to start.
	const stamp = "-X k8s.io/component-base/version."
	job := compile{
		module: module,
		name:   "Kubernetes " + version,
		packages: []string{
			kubernetesModule + "/cmd/kube-apiserver",
			kubernetesModule + "/cmd/kube-scheduler",
			kubernetesModule + "/cmd/kube-controller-manager",
			kubernetesModule + "/cmd/kubectl",
		},
		ldflags: fmt.Sprintf("-s -w %sgitVersion=%s %sgitMajor=%s %sgitMinor=%s",
			stamp, version, stamp, major, stamp, minor),
		progress: progress,
	}
	dir := filepath.Join(bin, "kubernetes-"+version)
	return dir, job.ifAbsent(ctx, dir)
}

func buildEtcd(ctx context.Context, module, bin string, progress io.Writer) (string, error) {
	version, err := goList(ctx, module, "{{.Version}}", etcdModule)
	if err != nil {
		return "", err
	}
	job := compile{
		module: module, name: "etcd " + version, packages: []string{etcdModule}, ldflags: "-s -w", progress: progress,
	}
	file := filepath.Join(bin, "etcd-"+version)
	return file, job.ifAbsent(ctx, file)
}

// buildCertManager always calls the compiler, which leaves an up-to-date program alone: unlike the others, this one has
// sources in this repository that may have changed.
func buildCertManager(ctx context.Context, module, bin string, progress io.Writer) (file, crds string, err error) {
	list, err := goList(ctx, module, "{{.Version}} {{.Dir}}", certManagerModule)
	if err != nil {
		return "", "", err
	}
	version, dir, _ := strings.Cut(list, " ")
	file = filepath.Join(bin, "certmanager-"+version)
	job := compile{
		module: module, name: "cert-manager " + version, packages: []string{"./certmanager"}, ldflags: "-s -w", progress: progress,
	}
	return file, filepath.Join(dir, "deploy", "crds"), job.run(ctx, file)
}

func majorMinor(version string) (major, minor string, ok bool) {
	major, rest, ok := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	if !ok {
		return "", "", false
	}
	minor, _, ok = strings.Cut(rest, ".")
	return major, minor, ok
}

// repositoryRoot finds the repository from any directory inside it.
func repositoryRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		_, err := os.Stat(filepath.Join(dir, "e2e", "controlplane", "binaries", "go.mod"))
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, os.ErrNotExist) || dir == filepath.Dir(dir) {
			return "", fmt.Errorf("looking for the repository: no directory above %s has e2e/controlplane/binaries", start)
		}
	}
}

// lock takes the build lock of a directory, which it creates if it must.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, ".controlplane.lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		file.Close()
		return nil, fmt.Errorf("locking %s: %w", file.Name(), err)
	}
	return func() { file.Close() }, nil
}
