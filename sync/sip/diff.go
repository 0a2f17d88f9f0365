package sip

import (
	"strings"

	"cordboard/sync/fleet"
)

// Change is one setting that differs, as people see it.
type Change struct {
	Name  string // the vendor's
	Label string
	From  string // of a list: one line per row
	To    string
	List  bool
}

// Replaced is what a changed password shows as.
const Replaced = "replaced"

// clone is a copy that shares nothing that a patch writes to.
func (t Trunk) clone() Trunk {
	for _, p := range []**bool{&t.Pass180, &t.AuthCache} {
		if *p != nil {
			v := **p
			*p = &v
		}
	}
	return t
}

// Apply is t with the patch's settings.
func (p Patch) Apply(t Trunk) Trunk {
	t = t.clone()
	g := p.groups()
	for _, f := range fields() {
		if f.has(g, t) {
			f.apply(g, &t)
		}
	}
	return t
}

// Diff is the smallest patch that makes want of before, and what it changes. Settings that the trunk's
// type does not have are not looked at. With password, a new one goes along.
func Diff(before, want Trunk, password bool) (Patch, []Change, error) {
	p, err := PatchFor(before)
	if err != nil {
		return Patch{}, nil, err
	}
	g := p.groups()
	var changes []Change
	for _, f := range fields() {
		if f.has(g, before) && !f.same(before, want) {
			f.put(want, g)
			changes = append(changes, f.change(before, want))
		}
	}
	if !password {
		return p, changes, nil
	}
	if g.login == nil {
		return Patch{}, nil, fleet.Invalid("sip.Diff", "This trunk has no password of its own.", fleet.Field{Name: PasswordName, Rule: "Leave it empty: this trunk does not sign in."})
	}
	g.login.Password = true
	return p, append(changes, Change{Name: PasswordName, Label: "Password", From: "set", To: Replaced}), nil
}

func (f Field) change(from, to Trunk) Change {
	return Change{f.Name, f.Label, f.words(from), f.words(to), f.Name == CallerIDList || f.Name == DIDList}
}

// Moved is what differs between two readings of a trunk, whatever its type can change.
func Moved(from, to Trunk) []Change {
	var changes []Change
	for _, f := range fields() {
		if !f.same(from, to) {
			changes = append(changes, f.change(from, to))
		}
	}
	if from.Type != to.Type {
		changes = append(changes, Change{Name: "type", Label: "Type", From: from.Type, To: to.Type})
	}
	if !sameMark(from.PasswordMark, to.PasswordMark) {
		changes = append(changes, Change{Name: PasswordName, Label: "Password", From: "set", To: Replaced})
	}
	return changes
}

// sameMark reports whether two marks may be of the same password: a mark begins with the id of the key
// that it was made with, and marks of different keys, or none, can't be compared.
func sameMark(a, b string) bool {
	keyA, _, _ := strings.Cut(a, ":")
	keyB, _, _ := strings.Cut(b, ":")
	return a == b || keyA != keyB
}

// Fate is what a reading after a write says of it.
type Fate string

// The fates. A reading that shows neither what was there nor what was asked for has diverged;
// indistinct is one that can't tell the two apart, because only the password changes and the PBX does not show it.
const (
	Done       Fate = "done"
	Untouched  Fate = "untouched"
	Diverged   Fate = "diverged"
	Indistinct Fate = "indistinct"
)

// Judge holds a reading after a write against what was there before and what was asked for: the
// settings that the patch changes, and nothing else, for what others change meanwhile is theirs.
// mark is the mark of the new password, or empty.
func (p Patch) Judge(before, seen Trunk, mark string) Fate {
	want := p.Apply(before)
	g := p.groups()
	done, untouched, told := true, true, false
	for _, f := range fields() {
		if !f.has(g, before) || f.same(before, want) {
			continue
		}
		told = true
		done = done && f.same(seen, want)
		untouched = untouched && f.same(seen, before)
	}
	if p.SendsPassword() && seen.PasswordMark != "" && before.PasswordMark != mark {
		told = true
		done = done && sameMark(seen.PasswordMark, mark)
		untouched = untouched && sameMark(seen.PasswordMark, before.PasswordMark)
	}
	switch {
	case !told:
		return Indistinct
	case done:
		return Done
	case untouched:
		return Untouched
	}
	return Diverged
}

// Revert is now with everything that the patch changes as it was before. A proxy port that was none stays: the PBX takes no
// empty one, and without the proxy it means nothing.
func (p Patch) Revert(before, now Trunk) Trunk {
	now = now.clone()
	want := p.Apply(before)
	for _, f := range fields() {
		if g := p.groups(); f.has(g, before) && f.has(g, now) && !f.same(before, want) && !(f.Name == ProxyPortName && before.ProxyPort == 0) {
			back, err := PatchFor(now)
			if err != nil {
				continue
			}
			into := back.groups()
			f.put(before, into)
			f.apply(into, &now)
		}
	}
	return now
}
