package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/audit"
	"cordboard/sync/change"
	"cordboard/sync/fleet"
)

// featuresJSON is the name and the switches of a PBX in the vendor's field names (contract §3.6). What
// is left out stays; what neither a read nor an earlier edit tells must be said.
type featuresJSON struct {
	Name                           string       `json:"name"`
	UpgradeInPBX                   fleet.Switch `json:"upgradeInPbx"`
	IM                             fleet.Switch `json:"im"`
	PasswordlessLogin              fleet.Switch `json:"passwordlessLogin"`
	AllowSuperiorPasswordlessLogin fleet.Switch `json:"allowSuperiorPasswordlessLogin"`
	PBXAPI                         fleet.Switch `json:"pbxApi"`
	ProvisioningViaTemplate        fleet.Switch `json:"provisioningViaTemplate"`
	TrunkConfigurationAccess       fleet.Switch `json:"trunkConfigurationAccess"`
	Base                           string       `json:"base"` // of the settings that were looked at; empty = not compared
}

// capacityJSON is the capacity of a PBX in the vendor's field names (contract §3.7).
type capacityJSON struct {
	ExtensionCapacity      int64        `json:"extensionCapacity"`
	ConcurrentCallCapacity int64        `json:"concurrentCallCapacity"`
	RecordingStatus        fleet.Switch `json:"recordingStatus"`
	RecordingCapacity      *int64       `json:"recordingCapacity"`
	TranscriptionCapacity  *int64       `json:"transcriptionCapacity"`
	LowerRecording         bool         `json:"lower_recording"` // fewer recording minutes are meant
	Base                   string       `json:"base"`
}

// settingsJSON is a PBX as an edit begins with it.
type settingsJSON struct {
	Name                           string             `json:"name"`
	UpgradeInPBX                   fleet.Switch       `json:"upgradeInPbx"`
	IM                             fleet.Switch       `json:"im"`
	PasswordlessLogin              fleet.Switch       `json:"passwordlessLogin"`
	AllowSuperiorPasswordlessLogin fleet.Switch       `json:"allowSuperiorPasswordlessLogin"`
	PBXAPI                         fleet.Switch       `json:"pbxApi"`
	ProvisioningViaTemplate        fleet.Switch       `json:"provisioningViaTemplate"`
	TrunkConfigurationAccess       fleet.Switch       `json:"trunkConfigurationAccess"`
	ExtensionCapacity              int64              `json:"extensionCapacity"`
	ConcurrentCallCapacity         int64              `json:"concurrentCallCapacity"`
	RecordingStatus                fleet.Switch       `json:"recordingStatus"`
	RecordingCapacity              int64              `json:"recordingCapacity"`
	TranscriptionCapacity          *int64             `json:"transcriptionCapacity"`
	Plan                           fleet.PBXPlan      `json:"plan"`
	Type                           fleet.PBXType      `json:"type"`
	ActivationStatus               *string            `json:"activationStatus"`
	CreatedAt                      *time.Time         `json:"created_at"`
	ExpiresAt                      *time.Time         `json:"expires_at"`
	CustomerIDs                    []fleet.CustomerID `json:"customerIds"`
	Base                           string             `json:"base"`
}

// apiSettings reads a PBX from the cloud. Switches that no read tells are as they were last stated
// here, or empty.
func (s *Server) apiSettings(c echo.Context) error {
	id, err := pathID[fleet.PBXID](c, "id", "The PBX")
	if err != nil {
		return err
	}
	v, err := s.Life.View(c.Request().Context(), id)
	if err != nil {
		return err
	}
	d, f := v.Detail, v.Features
	out := settingsJSON{
		Name: f.Name, UpgradeInPBX: f.UpgradeInPBX, IM: f.IM, PasswordlessLogin: f.PasswordlessLogin, AllowSuperiorPasswordlessLogin: f.SuperiorLogin,
		PBXAPI: f.API, ProvisioningViaTemplate: f.ViaTemplate, TrunkConfigurationAccess: f.TrunkAccess,
		ExtensionCapacity: d.Extensions, ConcurrentCallCapacity: d.ConcurrentCalls, RecordingStatus: d.Recording, RecordingCapacity: d.RecordingMinutes,
		Plan: d.Plan, Type: d.Type, CreatedAt: moment(d.CreatedAt), ExpiresAt: moment(d.ExpiresAt), CustomerIDs: append([]fleet.CustomerID{}, v.Customers...), Base: v.Base,
	}
	if d.ExtraKnown {
		out.TranscriptionCapacity = &d.Transcription
	}
	if d.Activated.Said() {
		out.ActivationStatus = new(map[fleet.Switch]string{fleet.On: "Activated", fleet.Off: "Unactivated"}[d.Activated])
	}
	return c.JSON(http.StatusOK, out)
}

func (s *Server) apiUpdate(c echo.Context) error {
	var in featuresJSON
	id, err := ofPBX(c, &in)
	if err != nil {
		return err
	}
	f := fleet.PBXFeatures{Name: in.Name, UpgradeInPBX: in.UpgradeInPBX, IM: in.IM, PasswordlessLogin: in.PasswordlessLogin, SuperiorLogin: in.AllowSuperiorPasswordlessLogin,
		API: in.PBXAPI, ViaTemplate: in.ProvisioningViaTemplate, TrunkAccess: in.TrunkConfigurationAccess}
	return s.accepted(c, onPBX(audit.PBXUpdate, id))(s.Life.Update(c.Request().Context(), by(c), change.UpdateAsk{PBX: id, Features: f, Base: in.Base}))
}

func (s *Server) apiResize(c echo.Context) error {
	var in capacityJSON
	id, err := ofPBX(c, &in)
	if err != nil {
		return err
	}
	ask := change.ResizeAsk{PBX: id, Extensions: in.ExtensionCapacity, ConcurrentCalls: in.ConcurrentCallCapacity, Recording: in.RecordingStatus,
		Transcription: in.TranscriptionCapacity, Lower: in.LowerRecording, Base: in.Base}
	if in.RecordingCapacity == nil {
		return fleet.Invalid("web.apiResize", "Nothing was sent: a resize needs the whole capacity.", minutesMissing)
	}
	ask.Minutes = *in.RecordingCapacity
	return s.accepted(c, onPBX(audit.PBXResize, id))(s.Life.Resize(c.Request().Context(), by(c), ask))
}

func (s *Server) apiStart(c echo.Context) error {
	id, err := ofPBX(c, &struct{}{})
	if err != nil {
		return err
	}
	return s.accepted(c, onPBX(audit.PBXStart, id))(s.Life.Start(c.Request().Context(), by(c), id))
}

func (s *Server) apiStop(c echo.Context) error {
	var in struct {
		Reason string `json:"reason"`
	}
	id, err := ofPBX(c, &in)
	if err != nil {
		return err
	}
	return s.accepted(c, onPBX(audit.PBXStop, id))(s.Life.Stop(c.Request().Context(), by(c), id, in.Reason))
}

func (s *Server) apiPBXCustomers(c echo.Context) error {
	var in struct {
		Add    []fleet.CustomerID `json:"add"`
		Remove []fleet.CustomerID `json:"remove"`
	}
	id, err := ofPBX(c, &in)
	if err != nil {
		return err
	}
	return s.accepted(c, onPBX(audit.PBXCustomers, id))(s.Life.ChangeCustomers(c.Request().Context(), by(c), change.CustomersAsk{PBX: id, Add: in.Add, Remove: in.Remove}))
}

func (s *Server) apiActivationMail(c echo.Context) error {
	var in struct {
		CustomerIDs []fleet.CustomerID `json:"customerIds"`
	}
	id, err := ofPBX(c, &in)
	if err != nil {
		return err
	}
	return s.accepted(c, onPBX(audit.PBXMail, id))(s.Life.SendActivation(c.Request().Context(), by(c), id, in.CustomerIDs))
}

func (s *Server) apiDelete(c echo.Context) error {
	var in struct {
		Name   string `json:"name"`
		Reason string `json:"reason"`
	}
	id, err := ofPBX(c, &in)
	if err != nil {
		return err
	}
	return s.accepted(c, onPBX(audit.PBXDelete, id))(s.Life.Delete(c.Request().Context(), by(c), id, change.Consent{Name: in.Name, Reason: in.Reason}))
}

// ofPBX reads the PBX of the address and the body of an act on it.
func ofPBX(c echo.Context, in any) (fleet.PBXID, error) {
	id, err := pathID[fleet.PBXID](c, "id", "The PBX")
	if err != nil {
		return 0, err
	}
	return id, decodeJSON(c, in)
}
