package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"cordboard/sync/doctor"
)

func TestDoctorSaysAtTheTerminalWhatIsWrongAndExitsWithOne(t *testing.T) {
	folder := t.TempDir()
	ask := func(args ...string) (int, string) {
		var out, errs bytes.Buffer
		code := execute(t.Context(), append([]string{"doctor", "--data", folder}, args...), strings.NewReader(""), &out, &errs)
		return code, out.String()
	}
	code, text := ask()
	if code != 1 || !strings.Contains(text, "wrong  Connection to YCM: Cordboard is not connected to YCM yet.") || !strings.Contains(text, "cordboard user add NAME --role admin") {
		t.Errorf("%d:\n%s", code, text)
	}
	code, text = ask("--json")
	var told struct {
		Level    doctor.Level
		Findings []doctor.Finding
	}
	if err := json.Unmarshal([]byte(text), &told); err != nil || code != 1 || told.Level != doctor.Wrong || len(told.Findings) < 10 {
		t.Errorf("%d: %v, %+v", code, err, told)
	}
}
