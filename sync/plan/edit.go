package plan

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/sip"
)

// KindTrunk is a plan for the settings of one SIP trunk of a PBX.
const KindTrunk Kind = "trunk"

// Edit is what a plan of [KindTrunk] changes. A new password is not in it: it is sealed beside the plan.
type Edit struct {
	Trunk        sip.TrunkID
	Before       sip.Trunk // the reading that the plan was made on
	Patch        sip.Patch
	Changes      []sip.Change
	PasswordMark string // of the new password; empty = none is sent
	UndoOf       fleet.PlanID
}

// Line is how a trunk stood after its plan was applied: followed for a minute, because saving makes it
// register anew.
type Line struct {
	State    LineState
	Status   sip.Status
	At       time.Time // when Status was read; zero = not yet
	Sentence string
}

// LineState says how following went.
type LineState string

// The states of a line.
const (
	LineFollowed LineState = "followed" // not settled yet
	LineUp       LineState = "up"
	LineDown     LineState = "down"
	LineUnclear  LineState = "unclear" // the time was up, or the PBX could not be read
)

// ErrSame is why there is no plan: everything is as asked already.
var ErrSame = errors.New("nothing would change")

// NewEdit is the draft of a trunk's plan. ID, author and times are left to the caller.
func NewEdit(pbx fleet.PBX, before, want sip.Trunk, password bool, mark string) (Plan, error) {
	const op = "plan.NewEdit"
	if bad := sip.Check(before, want); len(bad) > 0 {
		return Plan{}, fleet.Invalid(op, "The PBX would not take this.", bad...)
	}
	patch, changes, err := sip.Diff(before, want, password)
	if err != nil {
		return Plan{}, err
	}
	if len(changes) == 0 {
		return Plan{}, &fleet.Error{Kind: fleet.KindInvalid, Op: op, Msg: "Nothing would change: the trunk has these settings already.", Err: ErrSame}
	}
	return Plan{
		PBX: pbx.ID, PBXName: pbx.Name, Kind: KindTrunk, Status: Draft, Base: before.Print(), Risk: weighEdit(before, want, changes),
		Edit: &Edit{Trunk: before.ID, Before: before, Patch: patch, Changes: changes, PasswordMark: mark},
	}, nil
}

// severs are the settings whose change makes a trunk register or connect anew.
var severs = []string{"transport", "hostname", "port", "domain", "username", sip.PasswordName, "auth_name", "enb_outbound_proxy", "outbound_proxy_server", "outbound_proxy_port"}

// weighEdit judges what an edit may do to calls.
func weighEdit(before, want sip.Trunk, changes []sip.Change) Risk {
	risk := Risk{Level: None}
	changed := func(name string) bool {
		return slices.ContainsFunc(changes, func(c sip.Change) bool { return c.Name == name })
	}
	if changed("enable") && !want.Enabled {
		risk.add("It switches the trunk off: calls through it stop.", NeedReason)
	}
	if slices.ContainsFunc(severs, changed) && before.Enabled {
		risk.warn("The trunk connects anew: calls on it may end, and if the far end does not take the new settings, it stays down.")
	}
	if n := len(lost(before.DIDs, want.DIDs)); changed(sip.DIDList) && n > 0 {
		risk.warn(fmt.Sprintf("It takes %d %s off the trunk's own list: inbound routes that name one of them no longer match.", n, plural(n, "DID")))
	}
	if changed(sip.CallerIDList) && len(want.CallerIDs) < len(before.CallerIDs) {
		risk.warn("Extensions that lose their outbound caller ID show the trunk's default one.")
	}
	return risk
}

// lost are the numbers of a DID list that the other one lacks.
func lost(before, after []sip.DID) []string {
	var gone []string
	for _, d := range before {
		if !slices.ContainsFunc(after, func(o sip.DID) bool { return o.Number == d.Number }) {
			gone = append(gone, d.Number)
		}
	}
	return gone
}

// effectOfEdit is what confirming a trunk's plan does, in the words of its button.
func (p Plan) effectOfEdit() string {
	return "Change " + p.Edit.what() + " of " + p.Edit.Before.Name + " on " + p.PBXName
}

func (e Edit) what() string {
	var labels []string
	for _, c := range e.Changes {
		labels = append(labels, sip.Within(c.Label))
	}
	if len(labels) > 3 {
		return fmt.Sprintf("%d settings", len(labels))
	}
	return join(labels)
}
