package yeastartest

import (
	"net/http"
	"testing"
)

const strangerPath = "/dm/open_api/v1/cloud_pbx/instances/999999"

func TestEveryErrorShapeCarriesItsFields(t *testing.T) {
	for name, want := range map[ErrorShape]string{
		ErrorNumber: `{requestId:string,status:string,time:integer,errno:integer,errmsg:string,}`,
		ErrorString: `{requestId:string,status:string,time:integer,errno:string,errmsg:string,}`,
		ErrorDetail: `{requestId:string,status:string,time:integer,errCode:string,errMsg:string,detailMsg:string,}`,
		ErrorBare:   `{requestId:string,status:string,time:integer,}`,
	} {
		_, c := start(t, Config{Assumptions: Assumptions{Errors: name}})
		r := c.get(strangerPath)
		if got := shape(t, r.body); r.status != http.StatusNotFound || got != want || r.str("status") != "Failed" {
			t.Errorf("shape %d: %d %s, want %s", name, r.status, got, want)
		}
	}
}

func TestFailuresAreHTTP200InTheSecondMode(t *testing.T) {
	s, c := start(t, Config{Assumptions: Assumptions{AlwaysOK: true}})
	expectCode(t, c.get(strangerPath), 200, "1000005")
	s.ExpireTokens()
	expectCode(t, c.get(listPath), 200, "1000035")
}

func TestAnUnknownCallIsNotFound(t *testing.T) {
	_, c := start(t, Config{})
	expectCode(t, c.get("/dm/open_api/v1/nothing"), 404, "1000005")
	expectCode(t, c.must(c.request(http.MethodPost, listPath, nil)), 404, "1000005")
}

func TestPathsWithoutANumberAreInvalid(t *testing.T) {
	_, c := start(t, Config{})
	for _, path := range []string{
		"/dm/open_api/v1/cloud_pbx/instances/x", "/dm/open_api/v1/cloud_pbx/instances/-1/status",
		"/dm/open_api/v1/did_management/0", "/dm/open_api/v1/did_management/x/did",
		"/dm/open_api/v1/shared_trunk/99999999999999999999", "/dm/open_api/v1/shared_trunk/pbx/used",
		"/dm/open_api/v1/shared_trunk/pbx/used?cloudPbxId=x", "/dm/open_api/v1/did_management/usable",
		"/dm/open_api/v1/did_management/usable?trunkId=1&cloudPbxId=x", "/dm/open_api/v1/cloud_pbx/instances/get",
	} {
		expectCode(t, c.get(path), 400, "1000004")
	}
}
