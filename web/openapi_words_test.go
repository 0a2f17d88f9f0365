package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"cordboard/sync/team"
	"cordboard/web/webtest"
)

// TestTheDescriptionHasEveryWordThatAFilterTakesAndNoOther asks each call that can be filtered for a word that
// nobody has: the refusal names those that there are.
func TestTheDescriptionHasEveryWordThatAFilterTakesAndNoOther(t *testing.T) {
	h := webtest.New(t, webtest.Config{})
	s := newScript(t, h, team.Admin)
	held := 0
	for path, item := range s.d.doc.Paths.Map() {
		if item.Get == nil {
			continue
		}
		for _, p := range item.Get.Parameters {
			if p.Value.In != "query" || len(p.Value.Schema.Value.Enum) == 0 {
				continue
			}
			want := make([]string, len(p.Value.Schema.Value.Enum))
			for i, word := range p.Value.Schema.Value.Enum {
				want[i] = fmt.Sprint(word)
			}
			at := strings.NewReplacer("{id}", "4808", "{sharedTrunkID}", "6681").Replace(path) + "?" + p.Value.Name + "=nobody-has-this"
			a := s.Do(http.MethodGet, "/api/v1"+at, "")
			if a.Status != http.StatusUnprocessableEntity {
				continue // a switch, or the file of a page, whose filters are lenient
			}
			rule, _ := decoded(t, a)["fields"].(object)[p.Value.Name].(string)
			listed, ok := strings.CutPrefix(rule, "One of [")
			if !ok {
				continue
			}
			got := strings.Fields(strings.TrimSuffix(listed, "]."))
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s takes %v, and openapi.yaml says %v", at, got, want)
			}
			held++
		}
	}
	if held < 10 {
		t.Errorf("only %d filters were held against the description", held)
	}
}
