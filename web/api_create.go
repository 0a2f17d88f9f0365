package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// newPBXJSON is a new PBX in the vendor's field names (seed 001), and what Cordboard does with it then.
type newPBXJSON struct {
	Name                           string             `json:"name"`
	Plan                           fleet.PBXPlan      `json:"plan"`
	ExtensionCapacity              int64              `json:"extensionCapacity"`
	ConcurrentCallCapacity         int64              `json:"concurrentCallCapacity"`
	RecordingStatus                fleet.Switch       `json:"recordingStatus"`
	RecordingCapacity              *int64             `json:"recordingCapacity"`
	TranscriptionCapacity          int64              `json:"transcriptionCapacity"`
	RegionID                       fleet.RegionID     `json:"regionId"`
	SubDomain                      string             `json:"subDomain"`
	DomainID                       fleet.DomainID     `json:"domainId"`
	Type                           fleet.PBXType      `json:"type"`
	ExpirationDate                 *int64             `json:"expirationDate"`
	AllowRunAfterExpirationDate    *bool              `json:"allowRunAfterExpirationDate"`
	VersionID                      fleet.VersionID    `json:"versionId"`
	CustomerIDs                    []fleet.CustomerID `json:"customerIds"`
	UpgradeInPBX                   fleet.Switch       `json:"upgradeInPbx"`
	IM                             fleet.Switch       `json:"im"`
	PasswordlessLogin              fleet.Switch       `json:"passwordlessLogin"`
	AllowSuperiorPasswordlessLogin fleet.Switch       `json:"allowSuperiorPasswordlessLogin"`
	ProvisioningViaTemplate        fleet.Switch       `json:"provisioningViaTemplate"`
	ProvisionTemplateID            fleet.TemplateID   `json:"provisionTemplateId"`

	Bind           []pairJSON `json:"bind"`
	ActivationMail bool       `json:"activation_mail"`
}

// ask is what the JSON asks for. A required number that may be 0 must be said all the same.
func (in newPBXJSON) ask() (change.CreateAsk, error) {
	s := fleet.PBXSpec{
		Name: in.Name, Plan: in.Plan, Type: in.Type, Region: in.RegionID, SubDomain: in.SubDomain, Domain: in.DomainID, Version: in.VersionID, Customers: in.CustomerIDs,
		PBXCapacity:  fleet.PBXCapacity{Extensions: in.ExtensionCapacity, ConcurrentCalls: in.ConcurrentCallCapacity, Recording: in.RecordingStatus, Transcription: in.TranscriptionCapacity},
		UpgradeInPBX: in.UpgradeInPBX, IM: in.IM, PasswordlessLogin: in.PasswordlessLogin, SuperiorLogin: in.AllowSuperiorPasswordlessLogin,
		ViaTemplate: in.ProvisioningViaTemplate, Template: in.ProvisionTemplateID,
	}
	if in.ExpirationDate != nil {
		s.ExpiresAt = time.Unix(*in.ExpirationDate, 0).UTC()
	}
	if in.AllowRunAfterExpirationDate != nil {
		s.RunsOn = fleet.SwitchOf(*in.AllowRunAfterExpirationDate)
	}
	bind, err := pairs("bind", in.Bind)
	if err != nil {
		return change.CreateAsk{}, err
	}
	ask := change.CreateAsk{Spec: s, Bind: bind, Mail: in.ActivationMail}
	if in.RecordingCapacity == nil {
		fields := append([]fleet.Field{minutesMissing}, without(fleet.Check(s, fleet.Choices{}), minutesMissing.Name)...)
		return ask, fleet.Invalid("web.apiCreate", "Nothing was sent: this PBX can't be made as it was asked for.", fields...)
	}
	ask.Spec.RecordingMinutes = *in.RecordingCapacity
	return ask, nil
}

var minutesMissing = fleet.Field{Name: "recordingCapacity", Rule: "Minutes; 0 turns recording off."}

func without(fields []fleet.Field, name string) (rest []fleet.Field) {
	for _, f := range fields {
		if f.Name != name {
			rest = append(rest, f)
		}
	}
	return rest
}

// apiCreate begins the job that makes a PBX. The same request again is the same job.
func (s *Server) apiCreate(c echo.Context) error {
	var in newPBXJSON
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	ask, err := in.ask()
	if err != nil {
		return err
	}
	ask.Key = c.Request().Header.Get("Idempotency-Key")
	return s.accepted(c, audit.Entry{Action: audit.PBXCreate, Target: ask.Spec.Name})(s.Life.Create(c.Request().Context(), by(c), ask))
}

// accepted answers with the job that an act became; e is on record when it was refused.
func (s *Server) accepted(c echo.Context, e audit.Entry) func(job.Job, error) error {
	return func(j job.Job, err error) error {
		if err != nil {
			return s.refused(c, err, e)
		}
		c.Response().Header().Set("Location", "/api/v1/jobs/"+string(j.ID))
		return c.JSON(http.StatusAccepted, jobOf(j))
	}
}
