package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/sip"
)

type fleetTrunkJSON struct {
	PBX      fleet.PBXID `json:"pbx_id"`
	PBXName  string      `json:"pbx_name"`
	ID       sip.TrunkID `json:"id"`
	Name     string      `json:"name"`
	Type     string      `json:"type"`
	Shared   bool        `json:"shared"`
	Status   sip.Status  `json:"status"`
	Health   sip.Health  `json:"health"`
	Sentence string      `json:"sentence"`
	HostPort *string     `json:"host_port"`
	Username *string     `json:"username"`
	CID      *string     `json:"def_outbound_cid"`
	Matched  *string     `json:"matched"`
	ListedAt time.Time   `json:"listed_at"`
	ReadAt   *time.Time  `json:"read_at"`
}

func fleetTrunkOf(r sip.FleetRow) fleetTrunkJSON {
	return fleetTrunkJSON{r.PBX, r.PBXName, r.Row.ID, r.Row.Name, r.Row.Type, r.Row.Shared, r.Row.Status, r.Row.Status.Health(), r.Row.Status.Words(),
		nullable(r.Row.HostPort), nullable(r.Row.Username), nullable(r.Row.CID), nullable(r.Matched), r.ListedAt.UTC(), moment(r.ReadAt)}
}

// apiFleetTrunks lists the trunks of all PBXs as they were last read.
func (s *Server) apiFleetTrunks(c echo.Context) error {
	page, err := pageRequest(c)
	if err != nil {
		return err
	}
	f := sip.FleetFilter{Q: c.QueryParam("q"), Page: page}
	if f.Kind, err = queryWord(c, "kind", []sip.Kind{sip.Register, sip.Peer, sip.Account}); err != nil {
		return err
	}
	if f.Health, err = queryWord(c, "health", lineHealths()); err != nil {
		return err
	}
	found, err := s.Lines.FleetTrunks(c.Request().Context(), f)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jsonList(c, found, fleetTrunkOf))
}

type wideChangeJSON struct {
	OldHost     string         `json:"old_host,omitempty"`
	Hostname    *string        `json:"hostname,omitempty"`
	Port        *int           `json:"port,omitempty"`
	Domain      *string        `json:"domain,omitempty"`
	Transport   *sip.Transport `json:"transport,omitempty"`
	Enable      *int           `json:"enable,omitempty"`
	ProxyServer *string        `json:"outbound_proxy_server,omitempty"`
	ProxyPort   *int           `json:"outbound_proxy_port,omitempty"`
	Codecs      []sip.Codec    `json:"codec_sel,omitempty"`
	CID         *string        `json:"def_outbound_cid,omitempty"`
	CIDName     *string        `json:"def_outbound_cid_name,omitempty"`
}

func (in wideChangeJSON) wide() (sip.Wide, []fleet.Field) {
	w := sip.Wide{OldHost: in.OldHost, Hostname: in.Hostname, Port: in.Port, Domain: in.Domain, Transport: in.Transport,
		ProxyServer: in.ProxyServer, ProxyPort: in.ProxyPort, Codecs: in.Codecs, CID: in.CID, CIDName: in.CIDName}
	if in.Enable != nil {
		on := *in.Enable == 1
		w.Enabled = &on
		if *in.Enable != 0 && !on {
			return w, []fleet.Field{{Name: "change.enable", Rule: "0 or 1."}}
		}
	}
	bad := w.Check()
	for i := range bad {
		bad[i].Name = "change." + bad[i].Name
	}
	return w, bad
}

type wideJSON struct {
	ID        job.ID           `json:"id"`
	State     job.State        `json:"state"`
	Phase     change.Phase     `json:"phase"`
	Sentence  string           `json:"sentence"`
	CreatedAt time.Time        `json:"created_at"`
	UndoOf    *string          `json:"undo_of"`
	Change    []fieldJSON      `json:"change"`
	Trunks    []wideTargetJSON `json:"trunks"`
}

type wideTargetJSON struct {
	PBX      fleet.PBXID   `json:"pbx_id"`
	PBXName  string        `json:"pbx_name"`
	Trunk    sip.TrunkID   `json:"trunk_id"`
	Name     string        `json:"trunk_name"`
	State    job.StepState `json:"state"`
	Sentence string        `json:"sentence"`
	Plan     *string       `json:"plan_id"`
}

func wideOf(j job.Job, doc change.WideDoc) wideJSON {
	out := wideJSON{ID: j.ID, State: j.State, Phase: doc.Phase, Sentence: j.Sentence, CreatedAt: j.CreatedAt.UTC(), UndoOf: nullable(string(doc.UndoOf)),
		Change: []fieldJSON{}, Trunks: make([]wideTargetJSON, len(doc.Targets))}
	for _, c := range doc.Change.Settings() {
		out.Change = append(out.Change, fieldJSON{c.Name, c.From, c.To})
	}
	for i, t := range doc.Targets {
		step := j.Steps[i]
		out.Trunks[i] = wideTargetJSON{t.PBX, t.PBXName, t.Trunk, t.Name, step.State, step.Sentence, nullable(string(step.Plan))}
	}
	return out
}

func (s *Server) answerWide(c echo.Context, status int, j job.Job) error {
	doc, err := s.Wide.Read(j)
	if err != nil {
		return err
	}
	return c.JSON(status, wideOf(j, doc))
}

// apiWideCreate begins the job that makes the plans of one change to many trunks.
func (s *Server) apiWideCreate(c echo.Context) error {
	var in struct {
		Change wideChangeJSON `json:"change"`
		Trunks []struct {
			PBX   fleet.PBXID `json:"pbx_id"`
			Trunk sip.TrunkID `json:"trunk_id"`
		} `json:"trunks"`
	}
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	wide, bad := in.Change.wide()
	if len(bad) > 0 {
		return fleet.Invalid("web.apiWideCreate", "No plan was made.", bad...)
	}
	if len(in.Trunks) > change.MostTargets {
		return fleet.Invalid("web.apiWideCreate", "Too many trunks at once.", fleet.Field{Name: "trunks", Rule: "At most " + strconv.Itoa(change.MostTargets) + " at once."})
	}
	names := make([]string, len(in.Trunks))
	for i, t := range in.Trunks {
		names[i] = targetValue(t.PBX, t.Trunk)
	}
	targets, err := s.targets(c, names)
	if err != nil {
		return err
	}
	j, err := s.beginWide(c, wide, targets)
	if err != nil {
		return err
	}
	return s.answerWide(c, http.StatusAccepted, j)
}

func (s *Server) apiWide(c echo.Context) error {
	j, _, err := s.openWide(c)
	if err != nil {
		return err
	}
	return s.answerWide(c, http.StatusOK, j)
}

// apiWideApply agrees to the plans that it names, and to no others.
func (s *Server) apiWideApply(c echo.Context) error {
	var in struct {
		Plans  []string `json:"plans"`
		Reason string   `json:"reason"`
		Stop   *bool    `json:"stop_at_first_failure"`
	}
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	j, err := s.agreeWide(c, change.Agreement{Plans: bulkIDs(in.Plans), Reason: in.Reason, Stop: in.Stop == nil || *in.Stop})
	if err != nil {
		return err
	}
	return s.answerWide(c, http.StatusAccepted, j)
}

// apiWideAgain makes the plans once more that could not be made, or goes on where it stopped.
func (s *Server) apiWideAgain(c echo.Context) error {
	j, err := s.decided(c, audit.JobResume)(s.Wide.Again(c.Request().Context(), by(c), s.Jobs, job.ID(c.Param("job"))))
	if err != nil {
		return err
	}
	return s.answerWide(c, http.StatusAccepted, j)
}

// apiWideUndo begins the job that takes back what was done.
func (s *Server) apiWideUndo(c echo.Context) error {
	j, err := s.undoWide(c)
	if err != nil {
		return err
	}
	return s.answerWide(c, http.StatusAccepted, j)
}
