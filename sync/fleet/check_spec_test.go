package fleet_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/sync/fleet"
)

// seed001 is the vendor's example of a new PBX.
func seed001() fleet.PBXSpec {
	return fleet.PBXSpec{
		Name: "Yeastar P-Series Cloud PBX", Plan: fleet.EnterprisePlan, Type: fleet.Commercial,
		PBXCapacity: fleet.PBXCapacity{Extensions: 20, ConcurrentCalls: 10, Recording: fleet.On, RecordingMinutes: 500},
		Region:      4, SubDomain: "cloud", Domain: 4, Version: 764, Customers: []fleet.CustomerID{50086182, 50429564},
		ExpiresAt: time.Unix(1667059200, 0).UTC(), RunsOn: fleet.On,
		UpgradeInPBX: fleet.On, IM: fleet.On, PasswordlessLogin: fleet.On, SuperiorLogin: fleet.On,
	}
}

func offered() fleet.Choices {
	return fleet.Choices{
		Regions:   []fleet.Region{{ID: 4, Name: "Asia Pacific(Singapore)"}, {ID: 3, Name: "India(Mumbai)"}},
		Domains:   []fleet.Domain{{ID: 4, Region: 4, Name: "sg.example.com"}, {ID: 5, Region: 3, Name: "in.example.com"}},
		Firmwares: []fleet.FirmwareChoice{{ID: 764, Version: "84.22.0.134", Regions: []fleet.RegionID{4}}, {ID: 700, Version: "84.8.0.25"}, {ID: 765, Version: "84.22.0.134", Regions: []fleet.RegionID{3}}},
		Customers: []fleet.Customer{{ID: 50086182}, {ID: 50429564}, {ID: 3}, {ID: 4}},
		Templates: []fleet.Template{{ID: 9, Name: "Dentists"}},
		Capacity:  &fleet.Capacity{Extensions: fleet.Allowance{Known: true, Left: 100}, RecordingMinutes: fleet.Allowance{Known: true}},
	}
}

func names(fields []fleet.Field) string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Name)
	}
	return strings.Join(out, " ")
}

func TestTheVendorsExampleBreaksNoRule(t *testing.T) {
	for _, c := range []fleet.Choices{{}, offered()} {
		if got := fleet.Check(seed001(), c); got != nil {
			t.Errorf("%+v", got)
		}
	}
	if got := names(fleet.Cautions(seed001(), time.Now())); got != "expirationDate" {
		t.Errorf("nobody is told that the day is past: %q", got)
	}
}

func TestNothingAtAllLacksEveryRequiredField(t *testing.T) {
	want := "name plan extensionCapacity concurrentCallCapacity recordingStatus regionId subDomain domainId type customerIds " +
		"upgradeInPbx im passwordlessLogin allowSuperiorPasswordlessLogin versionId"
	if got := names(fleet.Check(fleet.PBXSpec{}, fleet.Choices{})); got != want {
		t.Errorf("got %s", got)
	}
}

func TestEveryRuleNamesItsField(t *testing.T) {
	many := make([]fleet.CustomerID, 4)
	for i := range many {
		many[i] = fleet.CustomerID(i + 1)
	}
	for what, c := range map[string]struct {
		spoil func(*fleet.PBXSpec)
		field string
	}{
		"a blank name":              {func(s *fleet.PBXSpec) { s.Name = " \t" }, "name"},
		"a name of two lines":       {func(s *fleet.PBXSpec) { s.Name = "A\nB" }, "name"},
		"another plan":              {func(s *fleet.PBXSpec) { s.Plan = "enterprise plan" }, "plan"},
		"no extension":              {func(s *fleet.PBXSpec) { s.Extensions = 0 }, "extensionCapacity"},
		"501 extensions":            {func(s *fleet.PBXSpec) { s.Extensions = 501 }, "extensionCapacity"},
		"more than is left":         {func(s *fleet.PBXSpec) { s.Extensions = 101 }, "extensionCapacity"},
		"no calls":                  {func(s *fleet.PBXSpec) { s.ConcurrentCalls = 0 }, "concurrentCallCapacity"},
		"recording of 0 minutes":    {func(s *fleet.PBXSpec) { s.RecordingMinutes = 0 }, "recordingCapacity"},
		"minutes without recording": {func(s *fleet.PBXSpec) { s.Recording = fleet.Off }, "recordingStatus"},
		"negative minutes":          {func(s *fleet.PBXSpec) { s.RecordingMinutes = -1 }, "recordingCapacity"},
		"minutes that are charged":  {func(s *fleet.PBXSpec) { s.RecordingMinutes = 501 }, "recordingCapacity"},
		"negative AI minutes":       {func(s *fleet.PBXSpec) { s.Transcription = -1 }, "transcriptionCapacity"},
		"a region that is not":      {func(s *fleet.PBXSpec) { s.Region = 99 }, "regionId domainId versionId"},
		"an empty sub-domain":       {func(s *fleet.PBXSpec) { s.SubDomain = "" }, "subDomain"},
		"a dot":                     {func(s *fleet.PBXSpec) { s.SubDomain = "a.b" }, "subDomain"},
		"an umlaut":                 {func(s *fleet.PBXSpec) { s.SubDomain = "müller" }, "subDomain"},
		"a hyphen at the end":       {func(s *fleet.PBXSpec) { s.SubDomain = "acme-" }, "subDomain"},
		"64 letters":                {func(s *fleet.PBXSpec) { s.SubDomain = strings.Repeat("a", 64) }, "subDomain"},
		"another region's domain":   {func(s *fleet.PBXSpec) { s.Domain = 5 }, "domainId"},
		"another region's firmware": {func(s *fleet.PBXSpec) { s.Version = 765 }, "versionId"},
		"chat on old firmware":      {func(s *fleet.PBXSpec) { s.Version = 700 }, "im"},
		"AI on old firmware":        {func(s *fleet.PBXSpec) { s.Version, s.IM, s.Transcription = 700, fleet.Off, 60 }, "transcriptionCapacity"},
		"another type":              {func(s *fleet.PBXSpec) { s.Type = "trial" }, "type"},
		"milliseconds":              {func(s *fleet.PBXSpec) { s.ExpiresAt = time.Unix(1667059200000, 0) }, "expirationDate"},
		"an expiry and no more":     {func(s *fleet.PBXSpec) { s.RunsOn = "" }, "allowRunAfterExpirationDate"},
		"running on after nothing":  {func(s *fleet.PBXSpec) { s.ExpiresAt = time.Time{} }, "expirationDate"},
		"no customer":               {func(s *fleet.PBXSpec) { s.Customers = nil }, "customerIds"},
		"four customers":            {func(s *fleet.PBXSpec) { s.Customers = many }, "customerIds"},
		"a customer twice":          {func(s *fleet.PBXSpec) { s.Customers = []fleet.CustomerID{3, 3} }, "customerIds"},
		"a stranger":                {func(s *fleet.PBXSpec) { s.Customers = []fleet.CustomerID{77} }, "customerIds"},
		"a switch between":          {func(s *fleet.PBXSpec) { s.UpgradeInPBX = "enabled" }, "upgradeInPbx"},
		"superior login alone":      {func(s *fleet.PBXSpec) { s.PasswordlessLogin = fleet.Off }, "allowSuperiorPasswordlessLogin"},
		"a template alone":          {func(s *fleet.PBXSpec) { s.Template = 9 }, "provisioningViaTemplate"},
		"a template that is not":    {func(s *fleet.PBXSpec) { s.Template, s.ViaTemplate = 8, fleet.On }, "provisionTemplateId"},
		"a template by halves":      {func(s *fleet.PBXSpec) { s.ViaTemplate = "on" }, "provisioningViaTemplate"},
	} {
		s := seed001()
		c.spoil(&s)
		if got := names(fleet.Check(s, offered())); got != c.field {
			t.Errorf("%s: %q, want %q", what, got, c.field)
		}
	}
}

func TestChoicesThatAreEmptyHaveNothingToChoose(t *testing.T) {
	c := offered()
	c.Regions, c.Customers = []fleet.Region{}, []fleet.Customer{}
	if got := names(fleet.Check(seed001(), c)); got != "regionId customerIds" {
		t.Errorf("got %q", got)
	}
}

func TestRecordingIsOneControl(t *testing.T) {
	var c fleet.PBXCapacity
	c.Record(0)
	if c.Recording != fleet.Off || c.RecordingMinutes != 0 {
		t.Errorf("%+v", c)
	}
	c.Record(60)
	if c.Recording != fleet.On || c.RecordingMinutes != 60 {
		t.Errorf("%+v", c)
	}
}

func TestASpecSurvivesOurRecordAndIsComparedByWhatItAsksFor(t *testing.T) {
	s := seed001()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back fleet.PBXSpec
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	back.ExpiresAt = back.ExpiresAt.In(time.FixedZone("there", 3600))
	if !s.Same(back) || !back.Same(s) {
		t.Errorf("%s became %+v", text, back)
	}
	back.Customers = slices.Clone(back.Customers[:1])
	if s.Same(back) {
		t.Error("another list of customers is the same PBX")
	}
	if s.URL(".SG.example.com") != "cloud.sg.example.com" {
		t.Errorf("URL %s", s.URL(".SG.example.com"))
	}
}

func TestAnEditNamesEveryRequiredSwitchAndAnOptionalOneMayStayUnsaid(t *testing.T) {
	if got := names(fleet.CheckFeatures(fleet.PBXFeatures{API: "x"})); got != "name upgradeInPbx im passwordlessLogin allowSuperiorPasswordlessLogin pbxApi" {
		t.Errorf("got %q", got)
	}
	if got := names(fleet.CheckWords(fleet.PBXFeatures{IM: "on", API: fleet.On, TrunkAccess: "yes"})); got != "im trunkConfigurationAccess" {
		t.Errorf("misspelt: %q", got)
	}
	read := fleet.PBXFeatures{Name: "Acme", UpgradeInPBX: fleet.On, PasswordlessLogin: fleet.Off}
	stated := fleet.PBXFeatures{Name: "Old", IM: fleet.On, SuperiorLogin: fleet.Off, PasswordlessLogin: fleet.On, API: fleet.On}
	want := fleet.PBXFeatures{Name: "Acme", UpgradeInPBX: fleet.On, IM: fleet.On, PasswordlessLogin: fleet.Off, SuperiorLogin: fleet.Off, API: fleet.On}
	if got := read.Over(stated); got != want || fleet.CheckFeatures(got) != nil {
		t.Errorf("got %+v", got)
	}
}

func TestANewCustomerNeedsWhatTheVendorNeeds(t *testing.T) {
	if got := names(fleet.CheckCustomer(fleet.Customer{Email: "a b@c"})); got != "firstName company email" {
		t.Errorf("got %q", got)
	}
	if got := fleet.CheckCustomer(fleet.Customer{FirstName: "Ada", Company: "Acme", Email: "ada@acme.example"}); got != nil {
		t.Errorf("got %v", got)
	}
}
