package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
	"cordboard/web/form"
)

// lineRowJSON is a PBX's own trunk as the PBX lists it.
type lineRowJSON struct {
	ID       sip.TrunkID `json:"id"`
	Name     string      `json:"name"`
	Type     string      `json:"type"`
	Status   sip.Status  `json:"status"`
	Health   sip.Health  `json:"health"`
	Sentence string      `json:"sentence"`
	HostPort *string     `json:"host_port"`
	CID      *string     `json:"def_outbound_cid"`
	Username *string     `json:"username"`
	Shared   bool        `json:"shared"`
}

// lineJSON is one trunk under the vendor's names (seed 003), without secrets. What its type does not have is left out.
type lineJSON struct {
	ID       sip.TrunkID `json:"id"`
	Name     string      `json:"name"`
	Type     string      `json:"type"`
	Enable   int         `json:"enable"`
	Country  string      `json:"country,omitempty"`
	ITSP     string      `json:"itsp,omitempty"`
	Shared   bool        `json:"shared"`
	Editable []string    `json:"editable"`
	Base     string      `json:"base"`
	Status   *sip.Status `json:"status"`
	Health   sip.Health  `json:"health"`
	Sentence string      `json:"sentence"`

	Transport   *sip.Transport `json:"transport,omitempty"`
	Hostname    *string        `json:"hostname,omitempty"`
	Port        *int           `json:"port,omitempty"`
	Domain      *string        `json:"domain,omitempty"`
	Username    *string        `json:"username,omitempty"`
	AuthName    *string        `json:"auth_name,omitempty"`
	Proxy       *int           `json:"enb_outbound_proxy,omitempty"`
	ProxyServer *string        `json:"outbound_proxy_server,omitempty"`
	ProxyPort   *int           `json:"outbound_proxy_port,omitempty"`
	Codecs      *string        `json:"codec_sel,omitempty"`
	CID         *string        `json:"def_outbound_cid,omitempty"`
	CIDName     *string        `json:"def_outbound_cid_name,omitempty"`
	CallerIDs   *[]callerJSON  `json:"outbound_cid_list,omitempty"`
	DIDs        *[]lineDIDJSON `json:"did_list,omitempty"`
	Pass180     *int           `json:"transparent_trans_180_msg,omitempty"`
	AuthCache   *int           `json:"enb_sipauth_cache,omitempty"`
}

type callerJSON struct {
	Option  sip.CallerIDOption `json:"outbound_cid_option"`
	CID     string             `json:"outbound_cid"`
	Name    string             `json:"outbound_cid_name"`
	ToRange string             `json:"outbound_cid_to_ext_range,omitempty"`
	Members []memberJSON       `json:"ext_list,omitempty"`
}

type memberJSON struct {
	Type   string `json:"type"`
	ID     int64  `json:"id"`
	Number string `json:"ext_number"`
	Name   string `json:"ext_name"`
}

type lineDIDJSON struct {
	DID  string `json:"did"`
	Name string `json:"did_name"`
}

func (s *Server) apiPBXTrunks(c echo.Context) error {
	id, err := pathID[fleet.PBXID](c, "id", "The PBX")
	if err != nil {
		return err
	}
	row, err := s.Fleet.PBX(c.Request().Context(), id)
	if err != nil {
		return err
	}
	rows, err := s.sipTrunks(c.Request().Context(), row)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jsonList(c, fleet.Page[sip.Row]{Items: rows, Total: len(rows)}, lineRowOf))
}

func lineRowOf(r sip.Row) lineRowJSON {
	return lineRowJSON{r.ID, r.Name, r.Type, r.Status, r.Status.Health(), r.Status.Words(), nullable(r.HostPort), nullable(r.CID), nullable(r.Username), r.Shared}
}

func (s *Server) apiPBXTrunk(c echo.Context) error {
	l, err := s.readLine(c)
	if err != nil {
		return err
	}
	if l.away != nil {
		return l.away
	}
	return c.JSON(http.StatusOK, lineOf(l.trunk, l.status, l.base))
}

func lineOf(t sip.Trunk, status *sip.Status, base string) lineJSON {
	out := lineJSON{ID: t.ID, Name: t.Name, Type: t.Type, Enable: *flagJSON(&t.Enabled), Country: t.Country, ITSP: t.ITSP, Shared: t.Shared,
		Editable: []string{}, Base: base, Status: status, Health: sip.Unclear, Sentence: "The status could not be read."}
	if status != nil {
		out.Health, out.Sentence = status.Health(), status.Words()
	}
	for _, f := range sip.Fields(t) {
		out.Editable = append(out.Editable, f.Name)
	}
	if sip.HasLogin(t) {
		out.Editable = append(out.Editable, sip.PasswordName)
	}
	if t.Kind() == sip.Other {
		return out
	}
	out.Transport, out.Codecs, out.CID, out.CIDName = &t.Transport, new(codecText(t.Codecs)), &t.CID, &t.CIDName
	out.CallerIDs = new(callersOf(t.CallerIDs))
	out.Pass180, out.AuthCache = flagJSON(t.Pass180), flagJSON(t.AuthCache)
	if t.Kind() != sip.Account {
		out.Hostname, out.Port, out.Domain = &t.Hostname, &t.Port, &t.Domain
		dids := make([]lineDIDJSON, len(t.DIDs))
		for i, d := range t.DIDs {
			dids[i] = lineDIDJSON{d.Number, d.Name}
		}
		out.DIDs = &dids
	}
	if t.Kind() != sip.Peer {
		out.Username, out.AuthName = &t.Username, &t.AuthName
	}
	if t.Kind() == sip.Register {
		out.Proxy, out.ProxyServer, out.ProxyPort = flagJSON(&t.Proxy), &t.ProxyServer, &t.ProxyPort
	}
	return out
}

// flagJSON is a switch as the vendor writes it: 0 or 1.
func flagJSON(on *bool) *int {
	switch {
	case on == nil:
		return nil
	case *on:
		return new(1)
	}
	return new(0)
}

func codecText(codecs []sip.Codec) string {
	text := ""
	for i, c := range codecs {
		if i > 0 {
			text += ","
		}
		text += string(c)
	}
	return text
}

func callersOf(rows []sip.CallerID) []callerJSON {
	out := make([]callerJSON, len(rows))
	for i, r := range rows {
		out[i] = callerJSON{Option: r.Option, CID: r.CID, Name: r.Name, ToRange: r.ToRange}
		for _, m := range r.Members {
			out[i].Members = append(out[i].Members, memberJSON{form.MemberKind(m), m.ID, m.Number, m.Name})
		}
	}
	return out
}

// accessJSON is how a PBX's own API is reached, without the secret.
type accessJSON struct {
	PBX       fleet.PBXID `json:"pbx_id"`
	Way       sip.Way     `json:"transport"`
	BaseURL   string      `json:"base_url"`
	ClientID  string      `json:"client_id"`
	HasSecret bool        `json:"has_secret"`
	Pin       string      `json:"pin"`
	CA        string      `json:"ca"`
	Trouble   *string     `json:"trouble"`
	Stopped   bool        `json:"stopped"`
}

func (s *Server) apiAccess(c echo.Context) error {
	r, err := s.readReach(c)
	if err != nil {
		return err
	}
	a := r.access
	if a.Way == "" {
		a.Way = sip.Relay
	}
	return c.JSON(http.StatusOK, accessJSON{r.row.ID, a.Way, a.BaseURL, a.ClientID, a.HasSecret, a.Pin, a.CA, nullable(a.Trouble), a.Stopped})
}

func (s *Server) apiSetAccess(c echo.Context) error {
	var in struct {
		Way      sip.Way `json:"transport"`
		BaseURL  string  `json:"base_url"`
		ClientID string  `json:"client_id"`
		Secret   string  `json:"client_secret"`
		Pin      string  `json:"pin"`
		CA       string  `json:"ca"`
	}
	id, err := ofPBX(c, &in)
	if err != nil {
		return err
	}
	if _, err := s.Fleet.PBX(c.Request().Context(), id); err != nil {
		return err
	}
	a := sip.Access{PBX: id, Way: in.Way, BaseURL: in.BaseURL, ClientID: in.ClientID, Pin: in.Pin, CA: in.CA}
	if err := s.setAccess(c, a, in.Secret); err != nil {
		return err
	}
	return s.apiAccess(c)
}

func (s *Server) apiTestAccess(c echo.Context) error {
	id, err := ofPBX(c, &struct{}{})
	if err != nil {
		return err
	}
	if _, err := s.Fleet.PBX(c.Request().Context(), id); err != nil {
		return err
	}
	sentence, err := s.Access.TestAccess(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, struct {
		Sentence string `json:"sentence"`
	}{sentence})
}
