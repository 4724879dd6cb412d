package doctor

import (
	"context"
	"errors"
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// deschedulers finds the configuration of every descheduler, which runs as a Deployment or as a CronJob.
func (s Source) deschedulers(ctx context.Context, deployments Seen[[]appsv1.Deployment]) Seen[[]DeschedulerPolicy] {
	cronJobs := list(ctx, s.Client, &batchv1.CronJobList{}, resource(batchv1.GroupName, "cronjobs"), "",
		func(l *batchv1.CronJobList) []batchv1.CronJob { return l.Items })
	configs := map[client.ObjectKey]bool{}
	for i := range deployments.Value {
		d := &deployments.Value[i]
		addConfigs(configs, d.Namespace, d.Spec.Template.Spec)
	}
	for i := range cronJobs.Value {
		c := &cronJobs.Value[i]
		addConfigs(configs, c.Namespace, c.Spec.JobTemplate.Spec.Template.Spec)
	}
	found := Seen[[]DeschedulerPolicy]{Err: errors.Join(deployments.Err, cronJobs.Err)}
	for key := range configs {
		config := get(ctx, s.Client, key, &corev1.ConfigMap{}, resource(corev1.GroupName, "configmaps"))
		found.Err = errors.Join(found.Err, config.Err)
		if config.Value != nil {
			found.Value = append(found.Value, DeschedulerPolicy{
				Namespace: key.Namespace, ConfigMap: key.Name, Documents: slices.Sorted(maps.Values(config.Value.Data)),
			})
		}
	}
	return found
}

// addConfigs adds the ConfigMaps that the pods of a descheduler mount.
func addConfigs(configs map[client.ObjectKey]bool, namespace string, pod corev1.PodSpec) {
	if !slices.ContainsFunc(pod.Containers, func(c corev1.Container) bool { return imageName(c.Image) == "descheduler" }) {
		return
	}
	for _, volume := range pod.Volumes {
		if volume.ConfigMap != nil {
			configs[client.ObjectKey{Namespace: namespace, Name: volume.ConfigMap.Name}] = true
		}
	}
}
