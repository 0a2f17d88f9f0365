package ycm_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/ycm"
	"cordboard/yeastar/yeastartest"
)

// read gives what call makes of one answer.
func read[T any](t *testing.T, body string, call func(context.Context, *ycm.Client) (T, error)) (T, error) {
	t.Helper()
	_, c := newScripted(t, answers(body))
	return call(background, c)
}

func oneDID(ctx context.Context, c *ycm.Client) (ycm.DID, error) { return c.DID(ctx, 7) }
func onePBX(ctx context.Context, c *ycm.Client) (ycm.PBX, error) { return c.PBX(ctx, 7) }
func oneTrunk(ctx context.Context, c *ycm.Client) (ycm.SharedTrunk, error) {
	return c.SharedTrunk(ctx, 7)
}

func TestEverySpellingOfNobodyMeansUnassigned(t *testing.T) {
	for field, want := range map[string]int64{
		`,"cloudPbxId":null`: 0, `,"cloudPbxId":""`: 0, `,"cloudPbxId":"0"`: 0, `,"cloudPbxId":0`: 0, ``: 0,
		`,"cloudPbxId":"4808"`: 4808, `,"cloudPbxId":4808`: 4808,
	} {
		d, err := read(t, data(`{"id":"7","did":2111,"trunkIds":["1",2]`+field+`}`), oneDID)
		if err != nil || d.PBXID != want || d.ID != 7 || d.Number != "2111" || !slices.Equal(d.TrunkIDs, []int64{1, 2}) {
			t.Errorf("%s gave %+v, %v", field, d, err)
		}
	}
	for _, form := range []yeastartest.UnassignedForm{yeastartest.UnassignedRotates, yeastartest.UnassignedNull, yeastartest.UnassignedEmpty, yeastartest.UnassignedAbsent, yeastartest.UnassignedZero} {
		s, c := simulator(t, yeastartest.Assumptions{Unassigned: form})
		trunk := s.AddTrunk(yeastartest.Trunk{})
		for range 4 {
			s.AddDID(yeastartest.DID{Number: "1", Trunks: []int64{trunk}})
		}
		dids, err := c.ListDIDs(background)
		must(t, err)
		for _, d := range dids {
			if d.PBXID != 0 {
				t.Errorf("form %v gave %+v", form, d)
			}
		}
	}
}

func TestOneThingMayComeInAList(t *testing.T) {
	p, err := read(t, data(`[{"cloudPbxId":"7","createTime":1664450755000,"version":84}]`), onePBX)
	if err != nil || p.ID != 7 || !p.Created.Equal(time.Unix(1664450755, 0)) || p.Version != "84" {
		t.Errorf("got %+v, %v", p, err)
	}
	s, c := simulator(t, yeastartest.Assumptions{SingleTrunkAsObject: true})
	s.AddTrunk(yeastartest.Trunk{Name: "only"})
	trunks, err := c.SharedTrunks(background)
	if err != nil || len(trunks) != 1 || trunks[0].Name != "only" {
		t.Errorf("got %+v, %v", trunks, err)
	}
	ids, err := read(t, data(`["3",1,3]`), func(ctx context.Context, c *ycm.Client) ([]int64, error) { return c.DIDsOfPBX(ctx, 1) })
	if err != nil || !slices.Equal(ids, []int64{3, 1, 3}) {
		t.Errorf("got %v, %v", ids, err)
	}
}

func TestASurpriseInAFieldForDisplayDoesNotHideTheRest(t *testing.T) {
	p, err := read(t, data(`{"cloudPbxId":7,"sn":"A","expirationDate":"never","extensionCapacity":"many","creator":"Ada","plan":{"id":1},"createTime":1664450755}`), onePBX)
	if err != nil || p.Serial != "A" || !p.Expiry.IsZero() || p.Extensions != 0 || p.Plan != "" || p.Created.IsZero() {
		t.Errorf("got %+v, %v", p, err)
	}
	d, err := read(t, data(`{"id":7,"did":"1","creator":{"email":"ada@example.com"},"trunkIds":[1]}`), oneDID)
	if err != nil || d.Number != "1" || d.Creator != "" {
		t.Errorf("got %+v, %v", d, err)
	}
	trunk, err := read(t, data(`{"id":7,"name":"t","enable":"on","port":"sip"}`), oneTrunk)
	if err != nil || trunk.Name != "t" || trunk.Enabled || trunk.Port != 0 {
		t.Errorf("got %+v, %v", trunk, err)
	}
	for _, bad := range []string{`{"id":7,"did":{},"trunkIds":[1]}`, `{"id":7,"did":"1","trunkIds":["x"]}`, `{"id":7,"did":"1","cloudPbxId":"x"}`} {
		_, err := read(t, data(bad), oneDID)
		failed(t, err, yeastar.KindMalformed, yeastar.SentAnswered)
	}
}

func TestAnswersAboutSomethingElseOrNothingAreMalformed(t *testing.T) {
	calls := map[string]func(context.Context, *ycm.Client) error{
		"PBX":          func(ctx context.Context, c *ycm.Client) error { _, err := c.PBX(ctx, 7); return err },
		"PBXByURL":     func(ctx context.Context, c *ycm.Client) error { _, err := c.PBXByURL(ctx, "a.example.com"); return err },
		"PBXStatus":    func(ctx context.Context, c *ycm.Client) error { _, err := c.PBXStatus(ctx, 7); return err },
		"SharedTrunk":  func(ctx context.Context, c *ycm.Client) error { _, err := c.SharedTrunk(ctx, 7); return err },
		"SharedTrunks": func(ctx context.Context, c *ycm.Client) error { _, err := c.SharedTrunks(ctx); return err },
		"Available":    func(ctx context.Context, c *ycm.Client) error { _, err := c.AvailableTrunks(ctx); return err },
		"TrunkStatus":  func(ctx context.Context, c *ycm.Client) error { _, err := c.SharedTrunkStatus(ctx, 7); return err },
		"TrunksUsedBy": func(ctx context.Context, c *ycm.Client) error { _, err := c.TrunksUsedBy(ctx, 7); return err },
		"DID":          func(ctx context.Context, c *ycm.Client) error { _, err := c.DID(ctx, 7); return err },
		"DIDsOfPBX":    func(ctx context.Context, c *ycm.Client) error { _, err := c.DIDsOfPBX(ctx, 7); return err },
		"UsableDIDs":   func(ctx context.Context, c *ycm.Client) error { _, err := c.UsableDIDs(ctx, 7, 0); return err },
		"ListPBXs":     func(ctx context.Context, c *ycm.Client) error { _, err := c.ListPBXs(ctx); return err },
	}
	bodies := map[string]string{
		"no data":   `{"status":"Success","time":1}`,
		"null data": data(`null`),
		"a text":    data(`"hello"`),
		"a number":  data(`7`),
		"nulls":     data(`[null]`),
		"stranger":  data(`{"id":8,"cloudPbxId":8,"url":"b.example.com","pbxStatus":"Running","didIds":null,"sharedTrunkIds":null,"list":null}`),
		"two":       data(`[{"id":7,"cloudPbxId":7},{"id":"x","cloudPbxId":"x"}]`),
		"id 0":      data(`{"didIds":[0],"sharedTrunkIds":[null],"total":1,"list":[{}]}`),
	}
	for name, call := range calls {
		for what, body := range bodies {
			t.Run(name+" "+what, func(t *testing.T) {
				_, c := newScripted(t, answers(body))
				failed(t, call(background, c), yeastar.KindMalformed, yeastar.SentAnswered)
			})
		}
	}
}

func TestALostListOfNumbersIsNeverAnEmptyOne(t *testing.T) {
	for _, body := range []string{`{}`, `{"didIds":null}`, `{"didIds":""}`, `{"didIds":{}}`, `{"didIDs_":[]}`} {
		if ids, err := read(t, data(body), func(ctx context.Context, c *ycm.Client) ([]int64, error) { return c.DIDsOfPBX(ctx, 1) }); err == nil {
			t.Errorf("%s gave %v", body, ids)
		}
	}
	ids, err := read(t, data(`{"didIds":[]}`), func(ctx context.Context, c *ycm.Client) ([]int64, error) { return c.DIDsOfPBX(ctx, 1) })
	if err != nil || ids == nil || len(ids) != 0 {
		t.Errorf("an empty list gave %v, %v", ids, err)
	}
}

func TestAUsablePageThatIsPartOfALongerListIsNotTakenForTheWhole(t *testing.T) {
	_, err := read(t, data(`{"total":3,"list":[{"id":1,"did":"1"}]}`), func(ctx context.Context, c *ycm.Client) ([]ycm.UsableDID, error) { return c.UsableDIDs(ctx, 1, 2) })
	failed(t, err, yeastar.KindMalformed, yeastar.SentAnswered)
}

func TestHeaderDefinitionsAreFoundUnderAnyNameOrSaidToBeUnknown(t *testing.T) {
	x := []ycm.HeaderDef{{ID: 31, Name: "X-Account"}}
	tests := []struct {
		fields string
		defs   []ycm.HeaderDef
		known  bool
	}{
		{`"customSipHeaders":[{"id":31,"name":"X-Account"}]`, x, true},
		{`"customSipHeaderList":[{"id":"31","name":"X-Account","x":1}]`, x, true},
		{`"sipHeaders":[{"headerId":31,"headerName":"X-Account"}]`, x, true},
		{`"custom":[{"id":31,"name":"X-Account"}]`, x, true},
		{`"customSipHeaders":[]`, []ycm.HeaderDef{}, true},
		{`"customSipHeaders":[],"users":[{"id":1,"name":"Ada"}]`, []ycm.HeaderDef{}, true},
		{``, nil, false},
		{`"customSipHeaders":null`, nil, false},
		{`"customSipHeaders":{}`, nil, false},
		{`"customSipHeaders":["X-Account"]`, nil, false},
		{`"customSipHeaders":[{"id":31}]`, nil, false},
		{`"customSipHeaders":[{"id":31,"name":"X-Account"},{"name":"X-B"}]`, nil, false},
		{`"sipHeaders":[{"id":31,"name":"X"}],"headerRules":[{"id":1,"name":"Y"}]`, nil, false},
		{`"a":[{"id":31,"name":"X"}],"b":[{"id":1,"name":"Y"}]`, nil, false},
		{`"empty":[],"codecs":["ulaw"]`, nil, false},
		{`"didList":[{"id":1,"did":"2"}]`, nil, false},
	}
	for _, tt := range tests {
		body := `{"id":7,"name":"t"` + strings.TrimSuffix(","+tt.fields, ",") + `}`
		trunk, err := read(t, data(body), oneTrunk)
		must(t, err)
		if trunk.HeaderDefsKnown != tt.known || !reflect.DeepEqual(trunk.HeaderDefs, tt.defs) {
			t.Errorf("%s gave %v, known %v", tt.fields, trunk.HeaderDefs, trunk.HeaderDefsKnown)
		}
	}
}

func TestTheSimulatorsHeaderFieldMayHaveAnyNameOrBeMissing(t *testing.T) {
	for _, field := range []string{"", "customSipHeaderList", "headers", "sipExtras"} {
		s, c := simulator(t, yeastartest.Assumptions{HeadersField: field})
		with := s.AddTrunk(yeastartest.Trunk{Headers: []yeastartest.HeaderDef{{ID: 31, Name: "X-Account"}}})
		without := s.AddTrunk(yeastartest.Trunk{NoHeaderField: true})
		a, err := c.SharedTrunk(background, with)
		if err != nil || !a.HeaderDefsKnown || !slices.Equal(a.HeaderDefs, []ycm.HeaderDef{{ID: 31, Name: "X-Account"}}) {
			t.Errorf("field %q gave %+v, %v", field, a, err)
		}
		b, err := c.SharedTrunk(background, without)
		if err != nil || b.HeaderDefsKnown {
			t.Errorf("a trunk without the field gave %+v, %v", b, err)
		}
	}
}

func TestArgumentsThatCannotBeRightAreRefusedBeforeSending(t *testing.T) {
	s, c := newScripted(t, answers("{}"))
	refused := func(_ any, err error) { t.Helper(); failed(t, err, yeastar.KindInvalid, yeastar.SentNo) }
	refused(c.PBX(background, 0))
	refused(c.PBXByURL(background, ""))
	refused(c.PBXStatus(background, -1))
	refused(c.SharedTrunk(background, 0))
	refused(c.SharedTrunkStatus(background, 0))
	refused(c.TrunksUsedBy(background, 0))
	refused(c.DID(background, 0))
	refused(c.DIDsOfPBX(background, 0))
	refused(c.UsableDIDs(background, 0, 1))
	refused(c.UsableDIDs(background, 1, -1))
	refused(c.SearchDIDs(background, ""))
	if s.calls.Load() != 0 {
		t.Errorf("%d requests left", s.calls.Load())
	}
}

func TestAClientIsMadeOnlyFromAConfigThatCanWork(t *testing.T) {
	good := ycm.Config{BaseURL: "https://ycm.yeastar.com", ClientID: "id", ClientSecret: yeastar.NewSecret("planted")}
	if _, err := ycm.New(good); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*ycm.Config){
		"http to a stranger": func(c *ycm.Config) { c.BaseURL = "http://ycm.yeastar.com" },
		"no URL":             func(c *ycm.Config) { c.BaseURL = "" },
		"no client id":       func(c *ycm.Config) { c.ClientID = "" },
		"no secret":          func(c *ycm.Config) { c.ClientSecret = yeastar.Secret{} },
		"a negative rate":    func(c *ycm.Config) { c.RatePerMinute = -1 },
		"a negative timeout": func(c *ycm.Config) { c.WriteTimeout = -time.Second },
	} {
		cfg := good
		change(&cfg)
		if c, err := ycm.New(cfg); err == nil || c != nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s gave %v", name, err)
		}
	}
}

func TestErrorsKeepTheirCauseForErrorsIs(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	cancel()
	_, c := newScripted(t, answers("{}"))
	if _, err := c.ListPBXs(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
