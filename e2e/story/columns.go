package story

import (
	"encoding/json"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/peergate/peergate/api/v1alpha1"
)

// Columns are the columns in which kubectl prints a resource of Peergate's, with those of -o wide alone in brackets.
func (s *Story) Columns(resource string) []string {
	s.Helper()
	clientset, err := kubernetes.NewForConfig(s.Config())
	if err != nil {
		s.Fatal(err)
	}
	answer, err := clientset.RESTClient().Get().
		AbsPath("/apis", v1alpha1.GroupVersion.Group, v1alpha1.GroupVersion.Version, resource).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").
		DoRaw(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	var table metav1.Table
	if err := json.Unmarshal(answer, &table); err != nil {
		s.Fatal(err)
	}
	columns := make([]string, 0, len(table.ColumnDefinitions))
	for _, c := range table.ColumnDefinitions {
		name := c.Name
		if c.Priority > 0 {
			name = fmt.Sprintf("[%s]", name)
		}
		columns = append(columns, name)
	}
	return columns
}
