package doctor

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// evictingPlugin is the descheduler's plugin that evicts pods from nodes with a NoSchedule taint that they do not
// tolerate.
const evictingPlugin = "RemovePodsViolatingNodeTaints"

// descheduler looks for deschedulers that evict the pods of a node that has lost its sessions, which Peergate leaves
// alone.
func descheduler(f Facts) ([]Finding, error) {
	policies, err := f.Deschedulers.Get()
	var found []Finding
	for _, p := range policies {
		for _, document := range p.Documents {
			if !evictsFor(document, f.Taint.Key) {
				continue
			}
			found = append(found, Finding{
				Level: Warning,
				Message: fmt.Sprintf("the descheduler with ConfigMap %s/%s evicts every pod from a node that is tainted again after it lost its sessions",
					p.Namespace, p.ConfigMap),
				Fix:      fmt.Sprintf("Add %q to excludedTaints of plugin %s.", f.Taint.Key, evictingPlugin),
				Commands: []string{fmt.Sprintf("kubectl -n %s edit configmap %s", p.Namespace, p.ConfigMap)},
			})
		}
	}
	return found, err
}

// deschedulerConfig is what is used of a DeschedulerPolicy, in its versions v1alpha1 (strategies) and v1alpha2 (profiles).
type deschedulerConfig struct {
	Strategies map[string]struct {
		Enabled bool       `json:"enabled"`
		Params  taintNames `json:"params"`
	} `json:"strategies"`
	Profiles []struct {
		PluginConfig []struct {
			Name string     `json:"name"`
			Args taintNames `json:"args"`
		} `json:"pluginConfig"`
		Plugins map[string]struct {
			Enabled []string `json:"enabled"`
		} `json:"plugins"`
	} `json:"profiles"`
}

type taintNames struct {
	Excluded []string `json:"excludedTaints"`
	Included []string `json:"includedTaints"`
}

// heeds is true if the plugin looks at the taint: each name is a key, or key=value.
func (n taintNames) heeds(key string) bool {
	names := func(list []string) bool {
		return slices.ContainsFunc(list, func(name string) bool {
			named, _, _ := strings.Cut(name, "=")
			return named == key
		})
	}
	if len(n.Included) > 0 {
		return names(n.Included)
	}
	return !names(n.Excluded)
}

// evictsFor is true if a policy evicts pods for the taint. What is no policy evicts nothing.
func evictsFor(document, key string) bool {
	var config deschedulerConfig
	if err := yaml.Unmarshal([]byte(document), &config); err != nil {
		return false
	}
	if s, ok := config.Strategies[evictingPlugin]; ok && s.Enabled && s.Params.heeds(key) {
		return true
	}
	for _, profile := range config.Profiles {
		enabled := false
		for _, point := range profile.Plugins {
			enabled = enabled || slices.Contains(point.Enabled, evictingPlugin)
		}
		var names taintNames
		for _, plugin := range profile.PluginConfig {
			if plugin.Name == evictingPlugin {
				names = plugin.Args
			}
		}
		if enabled && names.heeds(key) {
			return true
		}
	}
	return false
}
