package doctor

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// difference is what sets the schema of a definition that is installed apart from the one that this command knows, as
// paths of fields: spec.poll.interval. A field that is not there as a whole is named without those in it.
type difference struct {
	// lacking are fields that this command knows alone, unknown those that it does not know, and other those of which
	// something else is required.
	lacking, unknown, other []string
}

// differing compares everything but descriptions.
func differing(installed, known *apiextensionsv1.JSONSchemaProps) (d difference, err error) {
	err = d.compare("", installed, known)
	return d, err
}

func (d *difference) compare(path string, installed, known *apiextensionsv1.JSONSchemaProps) error {
	switch {
	case installed == nil && known == nil:
		return nil
	case installed == nil:
		d.lacking = append(d.lacking, path)
		return nil
	case known == nil:
		d.unknown = append(d.unknown, path)
		return nil
	}
	same, err := alike(installed, known)
	if err != nil {
		return fmt.Errorf("comparing the schemas of field %q: %w", path, err)
	}
	if !same {
		d.other = append(d.other, path)
	}
	theirs, ours := children(installed), children(known)
	names := slices.Sorted(maps.Keys(theirs))
	for name := range ours {
		if theirs[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if err := d.compare(strings.TrimPrefix(path+name, "."), theirs[name], ours[name]); err != nil {
			return err
		}
	}
	return nil
}

// children are the schemas below one, by what they add to the path.
func children(s *apiextensionsv1.JSONSchemaProps) map[string]*apiextensionsv1.JSONSchemaProps {
	below := map[string]*apiextensionsv1.JSONSchemaProps{}
	for name, property := range s.Properties {
		below["."+name] = &property
	}
	if s.Items != nil && s.Items.Schema != nil {
		below["[]"] = s.Items.Schema
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil {
		below["{}"] = s.AdditionalProperties.Schema
	}
	return below
}

// alike compares two schemas without their descriptions and without those below them. Defaults and the like are JSON of
// any form.
func alike(a, b *apiextensionsv1.JSONSchemaProps) (bool, error) {
	var forms [2]any
	for i, s := range []*apiextensionsv1.JSONSchemaProps{a, b} {
		own := *s
		own.Description, own.Properties, own.Items, own.AdditionalProperties = "", nil, nil, nil
		encoded, err := json.Marshal(own)
		if err == nil {
			err = json.Unmarshal(encoded, &forms[i])
		}
		if err != nil {
			return false, err
		}
	}
	return reflect.DeepEqual(forms[0], forms[1]), nil
}
