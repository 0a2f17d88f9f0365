package pseries_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cordboard/yeastar"
	"cordboard/yeastar/pseries"
	"cordboard/yeastar/yeastartest"
)

func TestTrunksAreListedWithTheirState(t *testing.T) {
	both(t, func(t *testing.T, w *world, c *pseries.Client) {
		w.SetSIPProvider("10.0.0.7", yeastartest.SIPProvider{Down: true})
		rows, err := c.ListTrunks(background)
		must(t, err)
		var got []string
		for _, r := range rows {
			got = append(got, fmt.Sprintf("%d %s %s %d", r.ID, r.Name, r.Type, *r.State))
		}
		want := "8 carrier_M8D90A register 1; 11 carrier-a register 1; 12 branch peer_did 42; 28 gate account 43; 29 click webtrunk 1"
		if strings.Join(got, "; ") != want {
			t.Errorf("got %v", got)
		}
		if *rows[1].HostPort != "sip.carrier.test:5060" || *rows[1].Username != "700" || rows[3].HostPort != nil || rows[2].Username != nil {
			t.Errorf("rows %+v", rows)
		}
	})
}

func TestASearchGoesToThePBX(t *testing.T) {
	both(t, func(t *testing.T, _ *world, c *pseries.Client) {
		rows, err := c.SearchTrunks(background, "peer")
		must(t, err)
		if len(rows) != 1 || rows[0].Name != "branch" {
			t.Errorf("got %+v", rows)
		}
		if rows, err = c.SearchTrunks(background, "nowhere"); err != nil || rows == nil || len(rows) != 0 {
			t.Errorf("got %#v, %v", rows, err)
		}
	})
}

func TestATrunkIsReadWithWhatItsTypeHas(t *testing.T) {
	for _, a := range []yeastartest.SIPAssumptions{{}, {GetAsArray: true, PlainPeer: true, HTTPErrors: true}} {
		w := newWorld(t, a)
		c := w.direct(t, nil)
		r, err := c.Trunk(background, w.register)
		must(t, err)
		if *r.Hostname != "sip.carrier.test" || *r.Port != 5060 || r.Password.Reveal() != "planted-sip-password" || *r.OutboundProxy ||
			*r.OutboundProxyPort != 0 || r.ITSP != nil || r.OutboundCIDs == nil || len(r.DIDs) != 1 || r.Newer.Transparent180 == nil || r.Newer.Ignore100 != nil {
			t.Errorf("register: %+v", r)
		}
		p, err := c.Trunk(background, w.peer)
		must(t, err)
		if pseries.KindOf(p.Type) != pseries.KindPeer || p.Username != nil || p.Password != nil || p.DIDs == nil || p.Newer.Transparent180 != nil {
			t.Errorf("peer: %+v", p)
		}
		acc, err := c.Trunk(background, w.account)
		must(t, err)
		if pseries.KindOf(acc.Type) != pseries.KindAccount || acc.Hostname != nil || acc.DIDs != nil || *acc.Username != "6708" {
			t.Errorf("account: %+v", acc)
		}
		_, err = c.Trunk(background, 999)
		if e := failed(t, err, yeastar.KindNotFound, yeastar.SentAnswered); e.Code != 60001 || !e.ByPBX {
			t.Errorf("%+v", e)
		}
	}
}

func TestAMaskedPasswordIsNotKnown(t *testing.T) {
	w := newWorld(t, yeastartest.SIPAssumptions{MaskPasswords: true})
	r, err := w.direct(t, nil).Trunk(background, w.register)
	must(t, err)
	if r.Password != nil {
		t.Error("asterisks were taken for a password")
	}
}

func TestSeveralTrunksComeInTheOrderAskedFor(t *testing.T) {
	both(t, func(t *testing.T, w *world, c *pseries.Client) {
		got, err := c.Trunks(background, []int64{w.account, w.register})
		must(t, err)
		if len(got) != 2 || got[0].ID != w.account || got[1].ID != w.register {
			t.Errorf("got %+v", got)
		}
		if got, err = c.Trunks(background, nil); err != nil || got == nil {
			t.Errorf("got %#v, %v", got, err)
		}
	})
}

func TestExtensionsGroupsAndSystem(t *testing.T) {
	both(t, func(t *testing.T, w *world, c *pseries.Client) {
		ext, err := c.ListExtensions(background)
		must(t, err)
		if len(ext) != 2 || ext[0] != (pseries.Extension{ID: w.alice, Number: "2001", Name: "Alice"}) {
			t.Errorf("extensions %+v", ext)
		}
		groups, err := c.ListGroups(background)
		must(t, err)
		if len(groups) != 1 || groups[0].Name != "Sales" || !groups[0].All || *groups[0].Extensions != 2 {
			t.Errorf("groups %+v", groups)
		}
		sys, err := c.System(background)
		must(t, err)
		if sys.Serial != serial || sys.Firmware != yeastartest.FirmwareSIPHeaders || sys.Time.IsZero() {
			t.Errorf("system %+v", sys)
		}
	})
}

func TestTheSystemMayStandWithoutADataLevel(t *testing.T) {
	sys, err := scripted(t, `{"errcode":"0","errmsg":"SUCCESS","device_name":"Harbour","sn":36,"up_time":"60","timestamp":1747100716}`).System(background)
	must(t, err)
	if sys.DeviceName != "Harbour" || sys.Serial != "36" || sys.Uptime != time.Minute {
		t.Errorf("got %+v", sys)
	}
}

func TestTheVendorsSamplesAreRead(t *testing.T) {
	rows, err := scripted(t, string(sample(t, "trunk_list"))).ListTrunks(background)
	must(t, err)
	if len(rows) != 2 || *rows[0].State != pseries.StateRegFailed || rows[1].HostPort != nil || *rows[1].Username != "6708" {
		t.Errorf("list %+v", rows)
	}
	got, err := scripted(t, string(sample(t, "trunk_get"))).Trunk(background, 11)
	must(t, err)
	if *got.Codecs != "ulaw,alaw,g729" || *got.Country != "general" || got.ITSP != nil || got.DIDs == nil || len(got.DIDs) != 0 {
		t.Errorf("get %+v", got)
	}
	_, err = scripted(t, string(sample(t, "trunk_update_answer"))).UpdateTrunk(background, 28, pseries.AccountChange{Name: ptr("x")})
	must(t, err)
}

func TestALongListIsReadWholeWhateverThePageSize(t *testing.T) {
	for _, most := range []int{0, 7, 100} {
		w := newWorld(t, yeastartest.SIPAssumptions{MaxPage: most})
		for i := range 250 {
			w.AddExtensions(pbxID, yeastartest.Extension{Number: fmt.Sprint(3000 + i)})
		}
		got, err := w.direct(t, nil).ListExtensions(background)
		must(t, err)
		if len(got) != 252 {
			t.Errorf("page of %d: %d extensions", most, len(got))
		}
	}
}

func TestAListThatIsNotProvedCompleteIsAnError(t *testing.T) {
	for name, fault := range map[string]yeastartest.Fault{"partial": yeastartest.PartialPage(), "empty": yeastartest.EmptyPage()} {
		w := newWorld(t, yeastartest.SIPAssumptions{})
		w.Fail(yeastartest.Match{PathSuffix: "/trunk/list", Times: -1}, fault)
		_, err := w.direct(t, nil).ListTrunks(background)
		if yeastar.KindOf(err) != yeastar.KindIncomplete {
			t.Errorf("%s: %v", name, err)
		}
	}
	// One bad page alone is made good by another pass.
	w := newWorld(t, yeastartest.SIPAssumptions{})
	w.Fail(yeastartest.Match{PathSuffix: "/trunk/list"}, yeastartest.EmptyPage())
	rows, err := w.direct(t, nil).ListTrunks(background)
	must(t, err)
	if len(rows) != 5 {
		t.Errorf("%d trunks", len(rows))
	}
}

func TestAnswersInAnotherShapeAreErrors(t *testing.T) {
	for _, body := range []string{
		`{"errcode":0}`, `{"errcode":0,"data":[]}`, `{"errcode":0,"total_number":2}`, `{"errcode":0,"total_number":-1,"data":[]}`,
		`{"errcode":0,"total_number":1,"data":[{"name":"no id"}]}`, `{"errcode":0,"total_number":1,"data":"x"}`, `{"errcode":0,"total_number":1,"data":[{"id":"x"}]}`,
	} {
		if _, err := scripted(t, body).ListTrunks(background); yeastar.KindOf(err) != yeastar.KindMalformed {
			t.Errorf("%s: %v", body, err)
		}
	}
	for _, body := range []string{
		`{"errcode":0}`, `{"errcode":0,"data":[]}`, `{"errcode":0,"data":{"name":"x"}}`, `{"errcode":0,"data":{"id":12}}`,
		`{"errcode":0,"data":[{"id":11},{"id":12}]}`, `{"errcode":0,"data":{"id":11,"enable":7}}`,
	} {
		if _, err := scripted(t, body).Trunk(background, 11); yeastar.KindOf(err) != yeastar.KindMalformed {
			t.Errorf("%s: %v", body, err)
		}
	}
	if got, err := scripted(t, `{"errcode":0,"data":{"id":"11","enable":"1","port":"5060","did_list":null,"enb_sbc_routing":"odd"}}`).Trunk(background, 11); err != nil ||
		!*got.Enabled || *got.Port != 5060 || got.DIDs != nil || got.Newer.SBCRouting != nil {
		t.Errorf("lenient: %+v, %v", got, err)
	}
}
