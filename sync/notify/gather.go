package notify

import (
	"time"

	"cordboard/sync/fleet"
)

// PlanTrouble is a plan of ours that was sent and did not come out well.
type PlanTrouble struct {
	Plan     fleet.PlanID
	PBX      fleet.PBXID
	PBXName  string
	Diverged bool // else nobody knows its fate
	Sentence string
	SentAt   time.Time
	Drifted  bool // the PBX is drifted now
}

// Facts are what conditions are concluded from.
type Facts struct {
	Now     time.Time      // by the vendor's clock, like everything that is dated here
	Sure    time.Duration  // how long drift that a read found, and a fate that nobody knows, must last
	Drifted []fleet.PBXRow // PBXs with an open drift, deleted ones included
	Plans   []PlanTrouble  // the newest plan sent on a PBX, when it is of unknown fate or diverged
	Path    fleet.PathVerdict
	SignIn  string // why YCM is not called any more, or empty

	Backup      string // why there is no fresh backup, or empty
	BackupSince time.Time
}

// sureAfter is how long people are not told yet: a drift between two steps of somebody's change, or a
// write that the next read settles, is over by then.
const sureAfter = time.Minute

// divergedFor is how long a diverged plan is told when it left no drift behind.
const divergedFor = 24 * time.Hour

// Conditions are what people should hear of. unsure are drifted PBXs that no read has confirmed yet:
// a report alone is not believed.
func Conditions(f Facts) (held []Condition, unsure []fleet.PBXID) {
	for _, row := range f.Drifted {
		s := row.Standing
		if !s.GoneAt.IsZero() {
			if f.Now.Sub(s.DriftAt) >= f.Sure { // the read that a report of a deletion asks for may know better
				held = append(held, deleted(row))
			}
			continue
		}
		if s.VerifiedAt.Before(s.DriftAt) || s.VerifiedAt.Equal(s.DriftAt) && f.Now.Sub(s.DriftAt) < f.Sure {
			if s.VerifiedAt.Before(s.DriftAt) {
				unsure = append(unsure, row.ID)
			}
			continue
		}
		held = append(held, drifted(row))
	}
	for _, p := range f.Plans {
		if c, ok := p.condition(f); ok {
			held = append(held, c)
		}
	}
	if f.Path.State == fleet.PathBroken {
		held = append(held, Condition{Key: "path", Kind: WebhookPath, Subject: "Webhooks", Title: "The webhook path looks broken", Sentence: f.pathSentence(),
			Path: "/webhooks", Since: f.Path.Since})
	}
	if f.SignIn != "" {
		held = append(held, Condition{Key: "sign_in", Kind: SignIn, Subject: "YCM", Title: "YCM refuses Cordboard's sign-in", Sentence: f.SignIn, Path: "/"})
	}
	if f.Backup != "" {
		held = append(held, Condition{Key: "backup", Kind: Backup, Subject: "Backups", Title: "No fresh backup is made", Sentence: f.Backup, Path: "/settings/backup", Since: f.BackupSince})
	}
	return held, unsure
}

func (f Facts) pathSentence() string {
	text := f.Path.Sentence
	if len(f.Path.Hints) > 0 {
		text += " " + f.Path.Hints[0]
	}
	return text
}

// drifted is the condition of a PBX with an open drift. Whoever cleared a PBX by a plan made no
// drift, so no numbers and a drift together mean that somebody else took them.
func drifted(row fleet.PBXRow) Condition {
	name := pbxName(row.Name, row.ID)
	c := Condition{Key: "bindings:" + row.ID.String(), Kind: Drift, PBX: row.ID, Subject: name, Title: name + " drifted",
		Sentence: row.Standing.DriftNote, Path: "/pbx/" + row.ID.String(), Since: row.Standing.DriftAt}
	if row.Numbers == 0 {
		c.Kind, c.Title = EmptyPBX, name+" has no numbers any more"
	}
	return c
}

// deleted is the condition of a PBX that is gone, and not by our doing.
func deleted(row fleet.PBXRow) Condition {
	name := pbxName(row.Name, row.ID)
	c := Condition{Key: "gone:" + row.ID.String(), Kind: DeletedPBX, PBX: row.ID, Subject: name, Title: name + " was deleted",
		Sentence: row.Standing.DriftNote, Path: "/pbx/" + row.ID.String(), Since: row.Standing.DriftAt}
	if row.Standing.Awaiting {
		c.Kind, c.Title = ReportedPBX, name+" is reported after its deletion"
	}
	return c
}

func (p PlanTrouble) condition(f Facts) (Condition, bool) {
	name := pbxName(p.PBXName, p.PBX)
	c := Condition{Key: "plan:" + string(p.Plan), Kind: Write, PBX: p.PBX, Subject: name, Title: "The fate of a plan on " + name + " is not known",
		Sentence: p.Sentence, Path: "/plans/" + string(p.Plan), Since: p.SentAt}
	if p.Diverged {
		c.Title = "A plan on " + name + " diverged"
		return c, p.Drifted || f.Now.Sub(p.SentAt) < divergedFor
	}
	if c.Sentence == "" {
		c.Sentence = "The plan was sent and could not be read back. The PBX takes no other plan until it is settled."
	}
	return c, f.Now.Sub(p.SentAt) >= f.Sure
}

func pbxName(name string, id fleet.PBXID) string {
	if name == "" {
		return "PBX " + id.String()
	}
	return name
}
