package yeastartest

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
)

// pbxPrefix is where the PBXs' own addresses are below the simulator's: a real PBX has a host of its own.
const pbxPrefix = "/pbx/"

// pbxCall is one call to a PBX's own API.
type pbxCall struct {
	*call
	pbx      *pbxRec
	endpoint string
}

// pbxHandler does one call of a PBX's API: it returns the fields beside errcode, or a refusal. The
// caller holds mu.
type pbxHandler func(*pbxCall) (any, *pbxError)

// pbxError is a refusal of a PBX.
type pbxError struct {
	code   int
	params []pbxParam
	dups   []pbxDup
	submsg string
}

type pbxParam struct {
	Field string `json:"field"`
	Rule  string `json:"validation_type,omitempty"`
	Value string `json:"value,omitempty"`
}

type pbxDup struct {
	Field      string `json:"field"`
	Value      string `json:"value"`
	Source     string `json:"external_source"`
	SourceName string `json:"external_source_name"`
}

// pbxSymbols are the errmsg of errcodes (vendor page: Error Code and Error Message).
var pbxSymbols = map[int]string{
	-2: "INTERNAL SERVER ERROR", -1: "FAILURE", 0: "SUCCESS", 1: "PARTIAL SUCCESS", 2: "PROCESSING",
	10001: "INTERFACE NOT EXISTED", 10003: "API VERSION UNSUPPORTED", 10004: "TOKEN EXPIRED", 10009: "OPERATION FAILED",
	40001: "PARAMETER SYNTAX ERROR", 40002: "PARAMETER ERROR", 40003: "DUPLICATE KEY VALUE",
	60001: "DATA NOT FOUND", 60002: "MAX LIMITATION EXCEEDED", 70004: "ACCOUNT IP BLOCKED",
	70082: "OVERLOAD_TASK_RUNNING", 70087: "IP FORBIDDEN", 70123: "API UNAVAILABLE",
}

func pbxRefuse(code int) *pbxError { return &pbxError{code: code} }

func pbxInvalid(params ...pbxParam) *pbxError { return &pbxError{code: 40002, params: params} }

// finished is an answer that no envelope is put around.
type finished struct{ *answer }

func (s *Server) pbxAPIRoutes(mux *http.ServeMux) {
	mux.HandleFunc(pbxPrefix+"{sn}/openapi/{version}/{endpoint...}", s.pbxDirect)
	relay := s.api(s.relay)
	mux.Handle("GET "+relayPrefix+"{sn}/openapi/{version}/{endpoint...}", relay)
	mux.Handle("POST "+relayPrefix+"{sn}/openapi/{version}/{endpoint...}", relay)
}

// relayPrefix is where YCM passes calls on (contract §3.12).
const relayPrefix = "/dm/open_api/v1/cloud_pbx/"

// endpoints are the calls of a PBX's API, by method and path.
func (s *Server) endpoints() map[string]pbxHandler {
	return map[string]pbxHandler{
		"POST get_token":          s.pbxGetToken,
		"POST refresh_token":      s.pbxRefreshToken,
		"GET del_token":           s.pbxDelToken,
		"GET trunk/list":          s.sipList,
		"GET trunk/search":        s.sipSearch,
		"GET trunk/get":           s.sipGet,
		"GET trunk/query":         s.sipQuery,
		"POST trunk/update":       s.sipUpdate,
		"POST trunk/create":       func(*pbxCall) (any, *pbxError) { return nil, pbxRefuse(10009) },
		"GET extension/list":      s.extensionList,
		"GET extensiongroup/list": s.groupList,
		"GET system/information":  s.systemInformation,
	}
}

// pbxDirect answers a call at a PBX's own address.
func (s *Server) pbxDirect(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	p := s.m.bySerial[r.PathValue("sn")]
	var ans *answer
	if p != nil && p.Status == StatusRunning {
		c := &call{Request: r, body: body.Bytes(), query: r.URL.Query()}
		c.page, _ = r.Context().Value(pageKey{}).(pageFault)
		ans = s.pbxAnswer(s.pbxRun(&pbxCall{call: c, pbx: p}, s.admit))
	}
	s.mu.Unlock()
	if ans == nil { // as the proxy in front of a cloud's PBXs does
		http.Error(w, "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>", http.StatusServiceUnavailable)
		return
	}
	ans.header.Set("Connection", "close")
	if err := ans.writeTo(w); err != nil {
		s.cfg.Log.Debug("answer not written", "path", r.URL.Path, "error", err)
	}
}

// relay passes a call on to a PBX that runs and has its API enabled, with the access of YCM itself.
func (s *Server) relay(c *call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.m.bySerial[c.PathValue("sn")]
	switch {
	case p == nil:
		return nil, refuse(CodeNotFound, "no PBX %s", c.PathValue("sn"))
	case p.API != "Enabled":
		return nil, refuse(CodePermissionDenied, "the API of PBX %d is not enabled", p.ID)
	case p.Status != StatusRunning:
		return nil, refuse(CodeRequestFailed, "PBX %d is %s", p.ID, p.Status)
	}
	ans := s.pbxAnswer(s.pbxRun(&pbxCall{call: c, pbx: p}, func(*pbxCall) *pbxError { return nil }))
	ans.body = joinObjects(object("requestId", s.randomHex()), ans.body)
	return finished{ans}, nil
}

// pbxRun does a call; the caller holds mu.
func (s *Server) pbxRun(c *pbxCall, admit func(*pbxCall) *pbxError) (any, *pbxError) {
	c.endpoint = c.PathValue("endpoint")
	h, known := s.endpoints()[c.Method+" "+c.endpoint]
	switch {
	case c.Header.Get("User-Agent") == "" && !s.a.AllowNoUserAgent:
		return nil, pbxInvalid()
	case c.PathValue("version") != "v1.0":
		return nil, pbxRefuse(10003)
	case !known:
		return nil, pbxRefuse(10001)
	}
	if err := admit(c); err != nil {
		return nil, err
	}
	if c.Method == http.MethodPost {
		kind, _, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
		if err != nil || kind != "application/json" || !json.Valid(c.body) {
			return nil, pbxRefuse(40001)
		}
	}
	s.share(c.pbx)
	return h(c)
}

// pbxAnswer writes the envelope of a PBX: errcode and errmsg, and what goes with them.
func (s *Server) pbxAnswer(fields any, refused *pbxError) *answer {
	if refused == nil {
		return newAnswer(http.StatusOK, join(object("errcode", 0, "errmsg", "SUCCESS"), fields))
	}
	status := http.StatusOK
	if s.a.SIP.HTTPErrors {
		status = http.StatusBadRequest
	}
	return newAnswer(status, join(object("errcode", refused.code, "errmsg", pbxSymbols[refused.code]), struct {
		Params []pbxParam `json:"invalid_param_list,omitempty"`
		Dups   []pbxDup   `json:"duplicate_field_list,omitempty"`
		Submsg string     `json:"submsg,omitempty"`
	}{refused.params, refused.dups, refused.submsg}))
}

// join puts the fields of a struct behind those of head; fields that do not marshal are a bug of the
// simulator and answered as the vendor's own.
func join(head []byte, fields any) []byte {
	if fields == nil {
		return head
	}
	tail, err := json.Marshal(fields)
	switch {
	case err != nil:
		return object("errcode", -2, "errmsg", err.Error())
	case string(tail) == "{}":
		return head
	}
	return joinObjects(head, tail)
}

// PBXCode answers HTTP 200 with an errcode of a PBX.
func PBXCode(code int) Fault {
	return Fault{name: "errcode " + strconv.Itoa(code), replace: func(s *Server, _ *answer) *answer {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return s.pbxAnswer(nil, &pbxError{code: code, submsg: "injected"})
	}}
}
