package change

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/plan"
	"cordboard/sync/sip"
)

// TrunkEditorDeps is what a TrunkEditor works with.
type TrunkEditorDeps struct {
	API      PBXAPI
	Book     EditBook
	Sealer   Sealer // nil: without a key of the installation no password can be replaced
	Now      func() time.Time
	Log      *slog.Logger
	ReadBack time.Duration // how long the PBX may take to show a write
	Poll     time.Duration // the first pause between two reads; each next one is doubled
	Follow   time.Duration // how long a trunk's status is followed after a write
	Look     time.Duration // the pause between two looks at it
	// Watch is told of each plan of a person whose trunk waits for [Changer.Follow]; nil: nobody follows. A job
	// follows its own.
	Watch func(plan.Plan)
}

// A TrunkEditor changes SIP trunks of PBXs. A [Changer] with one drafts and confirms plans of kind trunk.
type TrunkEditor struct{ d TrunkEditorDeps }

// NewTrunkEditor checks the dependencies.
func NewTrunkEditor(d TrunkEditorDeps) (*TrunkEditor, error) {
	if d.API == nil || d.Book == nil || d.Now == nil || d.Log == nil {
		return nil, errors.New("change: a field of TrunkEditorDeps is nil")
	}
	if d.ReadBack <= 0 || d.Poll <= 0 || d.Follow <= 0 || d.Look <= 0 {
		return nil, errors.New("change: a duration of TrunkEditorDeps is not positive")
	}
	return &TrunkEditor{d}, nil
}

// EditAsk is a request for a plan of kind trunk.
type EditAsk struct {
	PBX   fleet.PBXID
	Trunk sip.TrunkID
	// Seen is the reading that the person looked at; nil = none. Where the trunk moved since, the request
	// is refused with what moved.
	Seen *sip.Trunk
	// Want makes the wanted settings of the present ones, or says which field is wrong.
	Want     func(sip.Trunk) (sip.Trunk, []fleet.Field)
	Password string // a new one; empty = it stays
	UndoOf   fleet.PlanID
	Skipped  []plan.Skipped // what an undo can't bring back

	Job      string // the job that asks; its plan can be confirmed by nobody else
	Lifetime time.Duration
}

// MovedError is why a request for a trunk's plan was refused: somebody changed the trunk since the
// person looked at it.
type MovedError struct {
	Now     sip.Trunk
	Changes []sip.Change
}

// Error says what moved.
func (e *MovedError) Error() string { return "moved: " + labels(e.Changes) }

func labels(changes []sip.Change) string {
	names := make([]string, len(changes))
	for i, c := range changes {
		names[i] = c.Label
	}
	return strings.Join(names, ", ")
}

// DraftEdit reads the trunk, builds a plan for what was asked, and stores it. Nothing is sent.
func (c *Changer) DraftEdit(ctx context.Context, by audit.By, ask EditAsk) (plan.Plan, error) {
	if c.d.Trunks == nil {
		return plan.Plan{}, errors.New("change: this Changer has no TrunkEditor")
	}
	if err := c.settleOpen(ctx, ask.PBX); err != nil {
		return plan.Plan{}, unsettledBefore("change.DraftEdit", err)
	}
	p, sealed, err := c.d.Trunks.compose(ctx, ask)
	if err != nil {
		return plan.Plan{}, err
	}
	now := c.d.Now()
	p.ID, p.Author, p.CreatedAt, p.ExpiresAt = newPlanID(), by.Actor, now, now.Add(cmp.Or(ask.Lifetime, c.rules.Load().lifetime))
	p.Job = ask.Job
	e, err := entry(by, now, audit.PlanCreate, p)
	if err != nil {
		return plan.Plan{}, err
	}
	e.Outcome = audit.Succeeded
	if err := c.d.Trunks.d.Book.SaveEdit(ctx, p, sealed(p.ID), e); err != nil {
		return plan.Plan{}, err
	}
	c.d.Announce(p.PBX, p.ID)
	return p, nil
}

// UndoEdit drafts the way back of an applied plan of kind trunk: what it changed gets its old value. A
// password does not: nobody kept it. job is the job that asks, or empty; a lifetime of 0 is that of any draft.
func (c *Changer) UndoEdit(ctx context.Context, by audit.By, id fleet.PlanID, job string, lifetime time.Duration) (plan.Plan, error) {
	p, err := c.d.Journal.Plan(ctx, id)
	if err != nil {
		return plan.Plan{}, err
	}
	if p.Edit == nil || !slices.Contains([]plan.Status{plan.Applied, plan.Diverged}, p.Status) {
		return plan.Plan{}, refuse("Only a trunk's plan that was carried out can be undone.")
	}
	ask := EditAsk{PBX: p.PBX, Trunk: p.Edit.Trunk, UndoOf: id, Job: job, Lifetime: lifetime, Want: func(now sip.Trunk) (sip.Trunk, []fleet.Field) {
		return p.Edit.Patch.Revert(p.Edit.Before, now), nil
	}}
	if p.Edit.Patch.SendsPassword() {
		ask.Skipped = []plan.Skipped{{Number: "Password", Reason: "The old one was never kept. Type it on the trunk's page."}}
	}
	if slices.ContainsFunc(p.Edit.Changes, func(c sip.Change) bool { return c.Name == sip.ProxyPortName && c.From == "" }) {
		ask.Skipped = append(ask.Skipped, plan.Skipped{Number: "Outbound proxy port", Reason: "There was none, and the PBX takes no empty one. It means nothing while the proxy is off."})
	}
	back, err := c.DraftEdit(ctx, by, ask)
	if fe, ok := errors.AsType[*fleet.Error](err); ok && fe.Kind == fleet.KindInvalid && len(fe.Fields) == 0 && len(ask.Skipped) > 0 {
		return back, fleet.Invalid("change.UndoEdit", "Nothing of this can be undone. "+ask.Skipped[0].Number+": "+ask.Skipped[0].Reason)
	}
	return back, err
}

// compose reads the trunk and builds the plan, and stores nothing but the reading. sealed seals the new
// password for the plan's id.
func (d *TrunkEditor) compose(ctx context.Context, ask EditAsk) (p plan.Plan, sealed func(fleet.PlanID) []byte, err error) {
	const op = "change.DraftEdit"
	sealed = func(fleet.PlanID) []byte { return nil }
	row, err := d.d.Book.PBX(ctx, ask.PBX)
	if err != nil {
		return p, sealed, err
	}
	if !row.Standing.GoneAt.IsZero() {
		return p, sealed, refuse("%s does not exist any more.", row.Name)
	}
	now, err := d.read(ctx, ask.PBX, ask.Trunk, "")
	if err != nil {
		return p, sealed, err
	}
	if ask.Seen != nil {
		if moved := sip.Moved(*ask.Seen, now); len(moved) > 0 {
			return p, sealed, &fleet.Error{Kind: fleet.KindStale, Op: op, Err: &MovedError{now, moved},
				Msg: "Somebody changed this trunk while you were editing it: " + labels(moved) + ". Nothing was saved."}
		}
	}
	want, bad := ask.Want(now)
	bad = append(bad, sip.CheckPassword(len([]rune(ask.Password)))...)
	if len(bad) > 0 {
		return p, sealed, fleet.Invalid(op, "The PBX would not take this.", bad...)
	}
	mark := ""
	if ask.Password != "" {
		if d.d.Sealer == nil {
			return p, sealed, &fleet.Error{Kind: fleet.KindUnavailable, Op: op, Msg: "Without a key of this installation no password can be kept until it is sent."}
		}
		mark = d.d.Sealer.Mark(PasswordName(ask.PBX, ask.Trunk), []byte(ask.Password))
		sealed = func(id fleet.PlanID) []byte { return d.d.Sealer.Seal(sealedName(id), []byte(ask.Password)) }
	}
	p, err = plan.NewEdit(row.PBX, now, want, ask.Password != "", mark)
	if err != nil {
		return p, sealed, err
	}
	p.Edit.UndoOf, p.Skipped = ask.UndoOf, ask.Skipped
	return p, sealed, nil
}

// PasswordName is the name under which the password of a trunk is marked, wherever it is read.
func PasswordName(id fleet.PBXID, trunk sip.TrunkID) string {
	return "trunk password " + id.String() + " " + trunk.String()
}

// sealedName is the name under which a plan's new password is sealed.
func sealedName(id fleet.PlanID) string { return "plan_password " + string(id) }

// read reads a trunk and keeps the reading.
func (d *TrunkEditor) read(ctx context.Context, id fleet.PBXID, trunk sip.TrunkID, after fleet.PlanID) (sip.Trunk, error) {
	t, err := d.d.API.SIPTrunk(ctx, id, trunk)
	if err != nil {
		return t, err
	}
	return t, d.d.Book.KeepSIPTrunk(ctx, id, t, d.d.Now(), after)
}

// apply does everything between the two transactions of a trunk's plan and leaves the result in p.
func (d *TrunkEditor) apply(ctx context.Context, p *plan.Plan) error {
	now, err := d.read(ctx, p.PBX, p.Edit.Trunk, "")
	if fleet.KindOf(err) == fleet.KindNotFound {
		return stale(p, plan.Outcome{Sentence: "the trunk does not exist any more."})
	}
	if err != nil {
		p.Status = plan.Failed
		p.Outcome = plan.Outcome{Result: plan.ResultRefused, VendorCode: vendorCode(err), VendorRequestID: requestID(err),
			Sentence: "Nothing was sent: the trunk could not be read right before the write. " + message(err)}
		return unsent(err)
	}
	if moved := sip.Moved(p.Edit.Before, now); len(moved) > 0 {
		return stale(p, plan.Outcome{Differs: moved, VerifiedAt: d.d.Now(), Sentence: "the trunk was changed after this plan was made (" + labels(moved) + ")."})
	}
	password, err := d.password(ctx, p)
	if err != nil {
		return stale(p, plan.Outcome{Sentence: "the new password can't be opened any more. Make a new plan."})
	}
	receipt, err := d.d.API.UpdateSIPTrunk(ctx, p.PBX, p.Edit.Trunk, p.Edit.Patch, password)
	if err != nil && certainlyUnsent(err) {
		p.Status = plan.Failed
		p.Outcome = plan.Outcome{Result: plan.ResultFailed, Sentence: "Nothing was sent. " + message(err), VendorCode: vendorCode(err), VendorRequestID: requestID(err)}
		return err
	}
	p.Outcome.VendorRequestID = receipt.RequestID
	return d.readBack(ctx, p, err)
}

func (d *TrunkEditor) password(ctx context.Context, p *plan.Plan) (string, error) {
	if !p.Edit.Patch.SendsPassword() {
		return "", nil
	}
	sealed, err := d.d.Book.EditPassword(ctx, p.ID)
	if err != nil {
		return "", err
	}
	if d.d.Sealer == nil || sealed == nil {
		return "", errors.New("change: the plan's password is gone")
	}
	plain, err := d.d.Sealer.Open(sealedName(p.ID), sealed)
	return string(plain), err
}

// editRecord is how the audit log keeps a state of a trunk: the settings that the plan changes.
func editRecord(p plan.Plan) (before, after json.RawMessage, err error) {
	was, will := map[string]string{}, map[string]string{}
	for _, c := range p.Edit.Changes {
		was[c.Name], will[c.Name] = c.From, c.To
	}
	keep := func(fields map[string]string) (json.RawMessage, error) {
		return json.Marshal(struct {
			Trunk  sip.TrunkID       `json:"trunk_id"`
			Name   string            `json:"trunk_name"`
			Fields map[string]string `json:"fields"`
		}{p.Edit.Trunk, p.Edit.Before.Name, fields})
	}
	if before, err = keep(was); err == nil {
		after, err = keep(will)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("change.editRecord: %w", err)
	}
	return before, after, nil
}
