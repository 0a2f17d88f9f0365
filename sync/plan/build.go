package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cordboard/sync/fleet"
)

// Request is what a person wants of one PBX. Whatever it does not name stays as it is.
type Request struct {
	Bind    []fleet.Binding
	Unbind  []fleet.Binding
	Clear   bool            // every binding goes; nothing else may be asked with it
	Headers *[]fleet.Header // nil keeps what is known; a list states every value, and [] states none
	Undo    *Undo
	// Freed are numbers of other PBXs which those give up before this plan is confirmed. Confirming
	// it earlier finds them taken.
	Freed map[fleet.DIDID]fleet.PBXID
}

// Undo asks for the bindings of an earlier snapshot.
type Undo struct {
	Snapshot fleet.SnapshotID
	Set      fleet.BindingSet // with the ids that its numbers have today
	Lost     []Skipped        // its numbers that have no id any more
	Skip     bool             // the person agrees to leave out what can't be brought back
	Headers  fleet.Headers    // the custom SIP headers of that state, as far as our own plans wrote them
}

// Facts is what Build decides on. Everything in it was read just now, but for names and marks,
// which are our own record's.
type Facts struct {
	PBX     fleet.PBX
	Known   fleet.Known
	DIDs    map[fleet.DIDID]fleet.DID       // every DID that the request names, as YCM has it now
	Trunks  map[fleet.TrunkID]fleet.Trunk   // every trunk of the known set and of the request
	Numbers map[fleet.DIDID]fleet.NumberRow // names, owners and protection of every DID in play
	Guard   Guard
}

const op = "plan.Build"

// Build makes the draft of a plan: its whole desired set, its steps, its risk. It answers with
// an error of kind invalid and the fields at fault, or of kind headers_unknown, when the request
// can't be carried out without guessing or without losing something nobody named.
//
// ID, author and times are left to the caller.
func Build(req Request, f Facts) (Plan, error) {
	if err := gate(f.PBX); err != nil {
		return Plan{}, err
	}
	if err := contradiction(req, f); err != nil {
		return Plan{}, err
	}
	before, stated, req, err := settle(req, f)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{PBX: f.PBX.ID, PBXName: f.PBX.Name, Kind: KindBindings, Status: Draft,
		Base: f.Known.Fingerprint(), Before: before, Stated: stated, Unclear: f.Known.Unclear}

	switch {
	case req.Clear:
		p.After, err = clear(req, p.Before)
		p.Clear = true
	case req.Undo != nil:
		p.After, p.Skipped, err = undo(req, f, p.Before)
		p.UndoTo = req.Undo.Snapshot
		p.Clear = req.Undo.Set.Len()+len(req.Undo.Lost) == 0
	default:
		p.After, err = change(req, f, p.Before)
	}
	if err != nil {
		return Plan{}, err
	}
	if p.After.Len() == 0 && !p.Clear {
		return Plan{}, fleet.Invalid(op, "This would leave the PBX without any number.",
			fleet.Field{Name: "unbind", Rule: "To remove every number, use “Clear all numbers”: it asks for the PBX's name."})
	}
	if err := f.guardProtected(p); err != nil {
		return Plan{}, err
	}
	if p.Headers, err = headers(req, f, p.After); err != nil {
		return Plan{}, err
	}
	if p.Before.Equal(p.After) && !headersChange(req, p.Headers) && f.Known.Exact() {
		if len(p.Skipped) > 0 {
			return Plan{}, nothingLeft(p.Skipped)
		}
		return Plan{}, fleet.Invalid(op, "Nothing would change: the PBX has these bindings already.",
			fleet.Field{Name: "bind", Rule: "Name a number to bind or to unbind."})
	}
	p.Steps = name(Diff(p.Before, p.After), f)
	p.Risk = f.Guard.Weigh(p.Before, p.After)
	if req.Undo != nil {
		p.Risk.warn("It goes back to an earlier state: what was changed since then ends.")
		p.Risk.need(NeedReason)
	}
	if back := headersBack(req, p); back != "" {
		p.Risk.warn(back)
	}
	if lost := headersLost(req, p); lost != "" {
		p.Risk.warn(lost)
	}
	for _, b := range p.After.Minus(p.Before) {
		if did := f.DIDs[b.DID]; did.Owner != 0 && did.Owner != f.PBX.ID {
			p.Risk.warn(f.number(b.DID) + " is bound to " + f.owner(did) + " now, which must give it up before this plan is confirmed.")
		}
	}
	for _, b := range stated {
		p.Risk.add(fmt.Sprintf("You state that %s is bound on %s. If it is on another trunk of this PBX, that binding ends.", f.number(b.DID), f.trunk(b.Trunk)), NeedReason)
	}
	return p, nil
}

// nothingLeft refuses an undo of which every difference had to be skipped.
func nothingLeft(skipped []Skipped) error {
	return fleet.Invalid(op, "Nothing of that snapshot can be brought back.", fieldsOf("undo_to", skipped)...)
}

// FieldSkip is the field by which a person agrees that an undo leaves numbers out.
const FieldSkip = "skip"

func fieldsOf(name string, skipped []Skipped) []fleet.Field {
	fields := make([]fleet.Field, len(skipped))
	for i, s := range skipped {
		fields[i] = fleet.Field{Name: name, Rule: s.Number + ": " + s.Reason}
	}
	return fields
}

// headersChange reports whether sending h is worth a write of its own: stating values that were
// not known is.
func headersChange(req Request, h HeaderChange) bool {
	return h.Send && !h.Before.Equal(h.After) && (h.Before.Known || req.Headers != nil)
}

// gate refuses what the PBX could not take: said before anything is sent, because the vendor may
// answer Success and do nothing (contract §7.7).
func gate(pbx fleet.PBX) error {
	switch {
	case !pbx.Firmware.AtLeast(fleet.FirmwareDIDUpdate):
		return fleet.Invalid(op, fmt.Sprintf("%s runs firmware %s. Binding numbers needs %s or later.", pbx.Name, orUnknown(string(pbx.Firmware)), fleet.FirmwareDIDUpdate),
			fleet.Field{Name: "firmware", Rule: "Upgrade the PBX to " + string(fleet.FirmwareDIDUpdate) + " or later first."})
	case pbx.Status != fleet.StatusRunning:
		return fleet.Invalid(op, fmt.Sprintf("%s is not running (%s). Nothing is written to it now.", pbx.Name, orUnknown(string(pbx.Status))),
			fleet.Field{Name: "status", Rule: "Wait until the PBX is Running, or start it."})
	}
	return nil
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// settle makes the starting point exact. Where a DID could sit on several trunks, a bind or unbind
// that names it there is the operator's word on where it is: a bind keeps it, an unbind then takes
// it away. Without one the plan is refused, because the write states the whole set and would have to
// guess; clearing states none and needs no word. It answers with the starting point, the pairs that
// are kept on the operator's word, and what is left of the request.
func settle(req Request, f Facts) (before fleet.BindingSet, stated []fleet.Binding, left Request, err error) {
	switch f.Known.Certainty {
	case fleet.CertaintyExact:
		return f.Known.Set, nil, req, nil
	case fleet.CertaintyAmbiguous:
	default:
		return before, nil, req, fleet.Invalid(op, "The bindings of this PBX were not read yet.",
			fleet.Field{Name: "bind", Rule: "Try again when a read has succeeded."})
	}
	if req.Clear {
		return f.Known.Record(), nil, req, nil
	}
	stated, others := f.picks(req.Bind)
	gone, _ := f.picks(req.Unbind)
	word := append(slices.Clone(stated), gone...)
	settled, ok := f.Known.Settle(word...)
	if !ok {
		return before, nil, req, fleet.Invalid(op, "Some numbers of this PBX could sit on more than one trunk, and a write would have to guess.", f.unsettled(word)...)
	}
	req.Bind = others
	return settled.Set, f.alone(stated, word), req, nil
}

// alone are the stated pairs that would end a binding if the operator errs: those of DIDs of which not
// every candidate trunk was spoken about.
func (f Facts) alone(stated, word []fleet.Binding) []fleet.Binding {
	said := fleet.NewBindingSet(word...)
	return slices.DeleteFunc(stated, func(b fleet.Binding) bool {
		return slices.ContainsFunc(f.Known.Unclear, func(u fleet.Unclear) bool {
			return u.DID == b.DID && len(u.Trunks) == len(said.TrunksOf(b.DID))
		})
	})
}

// picks parts pairs into those that name a candidate trunk of an unclear DID, and the others.
func (f Facts) picks(pairs []fleet.Binding) (picks, others []fleet.Binding) {
	for _, b := range pairs {
		candidate := slices.ContainsFunc(f.Known.Unclear, func(u fleet.Unclear) bool { return u.DID == b.DID && slices.Contains(u.Trunks, b.Trunk) })
		if candidate {
			picks = append(picks, b)
		} else {
			others = append(others, b)
		}
	}
	return picks, others
}

// unsettled says of each unclear DID what the picks leave open.
func (f Facts) unsettled(picks []fleet.Binding) []fleet.Field {
	said := fleet.NewBindingSet(picks...)
	var fields []fleet.Field
	for _, u := range f.Known.Unclear {
		if len(said.TrunksOf(u.DID)) >= u.Picks() {
			continue
		}
		names := make([]string, len(u.Trunks))
		for i, t := range u.Trunks {
			names[i] = f.trunk(t)
		}
		rule := fmt.Sprintf("%s could sit on %s. Bind it where it is, or unbind it there.", f.number(u.DID), strings.Join(names, " or "))
		switch {
		case len(u.Trunks) == 0:
			rule = f.number(u.DID) + " is listed for this PBX, but it sits on none of its trunks. Try again in a moment, when a new read has settled it."
		case u.Picks() > 1:
			rule = fmt.Sprintf("%s is listed %d times and could sit on %s. Name %d of them, to bind or to unbind.", f.number(u.DID), u.Copies, strings.Join(names, " or "), u.Picks())
		}
		fields = append(fields, fleet.Field{Name: "bind", Rule: rule})
	}
	return fields
}

func clear(req Request, before fleet.BindingSet) (fleet.BindingSet, error) {
	if len(req.Bind)+len(req.Unbind) > 0 || req.Undo != nil || req.Headers != nil && len(*req.Headers) > 0 {
		return fleet.BindingSet{}, fleet.Invalid(op, "Clearing all numbers is an act of its own.",
			fleet.Field{Name: "clear", Rule: "Ask for nothing else together with it."})
	}
	if before.Len() == 0 {
		return fleet.BindingSet{}, fleet.Invalid(op, "This PBX has no numbers to clear.", fleet.Field{Name: "clear", Rule: "Nothing is bound."})
	}
	return fleet.BindingSet{}, nil
}

// contradiction refuses a request that wants one pair both ways.
func contradiction(req Request, f Facts) error {
	var fields []fleet.Field
	for _, b := range req.Unbind {
		if slices.Contains(req.Bind, b) {
			fields = append(fields, fleet.Field{Name: "unbind", Rule: f.number(b.DID) + " can't be bound and unbound at once."})
		}
	}
	if len(fields) > 0 {
		return fleet.Invalid(op, "The request contradicts itself.", fields...)
	}
	return nil
}

func change(req Request, f Facts, before fleet.BindingSet) (fleet.BindingSet, error) {
	if len(req.Bind)+len(req.Unbind) == 0 && req.Headers == nil && f.Known.Exact() {
		return before, fleet.Invalid(op, "Nothing was chosen.", fleet.Field{Name: "bind", Rule: "Choose numbers to bind or to unbind."})
	}
	var fields []fleet.Field
	free := f.freed(req)
	for _, b := range req.Unbind {
		if !before.Has(b) {
			fields = append(fields, fleet.Field{Name: "unbind", Rule: f.number(b.DID) + " is not bound on " + f.trunk(b.Trunk) + " here."})
		}
	}
	for _, b := range req.Bind {
		if rule := free.bindable(b); rule != "" && !before.Has(b) {
			fields = append(fields, fleet.Field{Name: "bind", Rule: rule})
		}
	}
	if len(fields) > 0 {
		return before, fleet.Invalid(op, "Some of these numbers can't be changed this way.", fields...)
	}
	return before.Without(req.Unbind...).With(req.Bind...), nil
}

func undo(req Request, f Facts, before fleet.BindingSet) (fleet.BindingSet, []Skipped, error) {
	if len(req.Bind)+len(req.Unbind) > 0 {
		return before, nil, fleet.Invalid(op, "An undo stands alone.", fleet.Field{Name: "undo_to", Rule: "Ask for nothing else together with it."})
	}
	skipped := slices.Clone(req.Undo.Lost)
	var kept []fleet.Binding
	for _, b := range req.Undo.Set.Pairs() {
		rule := f.bindable(b)
		if before.Has(b) || rule == "" {
			kept = append(kept, b)
		} else {
			skipped = append(skipped, Skipped{Number: f.number(b.DID), Reason: rule})
		}
	}
	after := fleet.NewBindingSet(kept...)
	if after.Len() == 0 && len(skipped) > 0 {
		return before, nil, fleet.Invalid(op, "None of that snapshot's numbers can be bound any more.", fleet.Field{Name: "undo_to", Rule: skipped[0].Reason})
	}
	if len(skipped) > 0 && !req.Undo.Skip {
		return before, nil, fleet.Invalid(op, "Not every number of that snapshot can be brought back. Agree to skip the others, or leave it.", fieldsOf(FieldSkip, skipped)...)
	}
	return after, skipped, nil
}

// freed is f as it will be when the numbers are free that the request counts on.
func (f Facts) freed(req Request) Facts {
	if len(req.Freed) == 0 {
		return f
	}
	f.DIDs = maps.Clone(f.DIDs)
	for id, from := range req.Freed {
		if did, ok := f.DIDs[id]; ok && did.Owner == from {
			did.Owner = 0
			f.DIDs[id] = did
		}
	}
	return f
}

// bindable says why a pair can't be bound to the PBX, or nothing.
func (f Facts) bindable(b fleet.Binding) string {
	did, known := f.DIDs[b.DID]
	trunk, trunkKnown := f.Trunks[b.Trunk]
	switch {
	case !known:
		return fmt.Sprintf("Yeastar knows no DID %d.", b.DID)
	case !trunkKnown:
		return fmt.Sprintf("There is no shared trunk %d that this account may use.", b.Trunk)
	case !slices.Contains(did.Trunks, b.Trunk):
		return f.number(b.DID) + " does not sit on the trunk " + f.trunk(b.Trunk) + "."
	case did.Owner != 0 && did.Owner != f.PBX.ID:
		return f.number(b.DID) + " is bound to " + f.owner(did) + ". Only a move can take it from there."
	case trunk.Region != "" && f.PBX.Region != "" && !sameRegion(trunk.Region, f.PBX.Region):
		return fmt.Sprintf("The trunk %s is in %s, the PBX in %s.", trunk.Name, trunk.Region, f.PBX.Region)
	}
	return ""
}

func (f Facts) number(id fleet.DIDID) string {
	if did, ok := f.DIDs[id]; ok && did.Number != "" {
		return did.Number
	}
	if row, ok := f.Numbers[id]; ok && row.Number != "" {
		return row.Number
	}
	return fmt.Sprintf("DID %d", id)
}

func (f Facts) trunk(id fleet.TrunkID) string {
	if t, ok := f.Trunks[id]; ok && t.Name != "" {
		return t.Name
	}
	if id == fleet.TrunkUnclear {
		return "a trunk that is not known"
	}
	return fmt.Sprintf("trunk %d", id)
}

func (f Facts) owner(did fleet.DID) string {
	if row, ok := f.Numbers[did.ID]; ok && row.Owner == did.Owner && row.OwnerName != "" {
		return row.OwnerName
	}
	return fmt.Sprintf("PBX %d", did.Owner)
}

func name(steps []Step, f Facts) []Step {
	for i := range steps {
		steps[i].Number, steps[i].TrunkName = f.number(steps[i].DID), f.trunk(steps[i].Trunk)
	}
	slices.SortFunc(steps, compareSteps)
	return steps
}

// guardProtected refuses what would drop or move a protected number, or could: a pair that only the
// operator's word puts on its trunk may be on another one.
func (f Facts) guardProtected(p Plan) error {
	var fields []fleet.Field
	for _, b := range p.Before.Minus(p.After) {
		if f.Numbers[b.DID].Protected {
			fields = append(fields, fleet.Field{Name: "unbind", Rule: f.number(b.DID) + " is protected. Take its protection off first."})
		}
	}
	for _, b := range p.Stated {
		if f.Numbers[b.DID].Protected {
			fields = append(fields, fleet.Field{Name: "bind", Rule: f.number(b.DID) + " is protected, and it could sit on another trunk than " + f.trunk(b.Trunk) + ". Wait for Yeastar's next report, or take its protection off first."})
		}
	}
	if len(fields) > 0 {
		return fleet.Invalid(op, "The plan would drop or move protected numbers.", fields...)
	}
	return nil
}
