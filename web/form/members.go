package form

import (
	"slices"
	"strconv"
	"strings"

	"cordboard/sync/sip"
)

// Members are the extensions and groups that an outbound caller ID can be given to.
type Members struct {
	Extensions []sip.Extension
	Groups     []sip.Group
	Known      []sip.Member // those that the trunk's rows name already
	Away       bool         // the PBX could not be asked: only Known, and ids, can be told
}

// MembersOf are the members that a trunk's rows name.
func MembersOf(t sip.Trunk) []sip.Member {
	var list []sip.Member
	for _, row := range t.CallerIDs {
		list = append(list, row.Members...)
	}
	return list
}

// The kinds of members (seed 003, table 3).
const (
	kindExtension = "extension"
	kindGroup     = "ext_group"
)

// MemberKind is the vendor's word for what a member is.
func MemberKind(m sip.Member) string {
	if m.Group {
		return kindGroup
	}
	return kindExtension
}

// MemberToken is how a form names a member: "extension:12", "ext_group:3".
func MemberToken(m sip.Member) string { return MemberKind(m) + ":" + strconv.FormatInt(m.ID, 10) }

// All are all members that can be told, the known ones last.
func (m Members) All() []sip.Member {
	var all []sip.Member
	for _, e := range m.Extensions {
		all = append(all, sip.Member{ID: e.ID, Number: e.Number, Name: e.Name})
	}
	for _, g := range m.Groups {
		all = append(all, sip.Member{Group: true, ID: g.ID, Number: g.Name, Name: g.Name})
	}
	return append(all, m.Known...)
}

// Told is the member that a token names.
func (m Members) Told(token string) (sip.Member, bool) {
	kind, number, _ := strings.Cut(token, ":")
	id, ok := ID(number)
	if !ok || kind != kindExtension && kind != kindGroup {
		return sip.Member{}, false
	}
	want := sip.Member{Group: kind == kindGroup, ID: id}
	all := m.All()
	if i := slices.IndexFunc(all, func(o sip.Member) bool { return o.Group == want.Group && o.ID == want.ID }); i >= 0 {
		return all[i], true
	}
	return want, m.Away
}

// find are the members that a text may mean: a number, a name, or both as the form shows them.
func (m Members) find(text string) []sip.Member {
	var found []sip.Member
	for _, o := range m.All() {
		words := []string{o.Words(), o.Number, o.Name}
		same := slices.ContainsFunc(words, func(w string) bool { return w != "" && strings.EqualFold(w, text) })
		if same && !slices.ContainsFunc(found, func(f sip.Member) bool { return f.Group == o.Group && f.ID == o.ID }) {
			found = append(found, o)
		}
	}
	exact := slices.DeleteFunc(slices.Clone(found), func(o sip.Member) bool { return o.Group || o.Number != text })
	if len(exact) == 1 { // an extension's number comes before anybody who is called so
		return exact
	}
	return found
}

// memberList reads the members of one row, and writes those that could be told back as tokens.
func (r *trunkReader) memberList(name string) []sip.Member {
	var list []sip.Member
	var kept []string
	add := func(o sip.Member) {
		if token := MemberToken(o); !slices.Contains(kept, token) {
			list, kept = append(list, o), append(kept, token)
		}
	}
	for _, text := range r.typed[name] {
		if o, ok := r.members.Told(text); ok {
			add(o)
			continue
		}
		for _, part := range r.parts(text) {
			switch found := r.members.find(part); len(found) {
			case 0:
				r.unknown(name, part)
				kept = append(kept, part)
			case 1:
				add(found[0])
			default:
				r.wrong(name, "%q may be several: %s.", part, memberWords(found))
				kept = append(kept, part)
			}
		}
	}
	if r.typed[name] = kept; len(kept) == 0 {
		delete(r.typed, name)
	}
	return list
}

// parts are what was typed into one field: one name, or several with commas between.
func (r *trunkReader) parts(text string) []string {
	if len(r.members.find(text)) > 0 {
		return []string{text}
	}
	return filled(strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' }))
}

func (r *trunkReader) unknown(name, text string) {
	if r.members.Away {
		r.wrong(name, "%q can't be looked up now: the PBX does not tell its extensions.", text)
		return
	}
	r.wrong(name, "The PBX has no extension or group %q.", text)
}

func memberWords(list []sip.Member) string {
	words := make([]string, len(list))
	for i, m := range list {
		words[i] = m.Words()
	}
	return strings.Join(words, ", ")
}
