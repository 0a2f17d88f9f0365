package change

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
)

// A rollout is a job of many plans: a draft per step, one review for a person, and then plan after plan,
// the first alone. What differs between kinds of rollouts is their [cargo].

const (
	// rolloutLifetime is how long the drafts of a rollout wait: drafting hundreds takes a while, and
	// so does reading them. What moves meanwhile is found before anything is sent.
	rolloutLifetime = 12 * time.Hour
	// rolloutInFlight bounds how many PBXs are worked on at once, so that people at their screens and
	// the worker get their share of the calls.
	rolloutInFlight = 3
)

// Phase is how far a rollout is.
type Phase string

// Drafting makes the plans; Reviewing waits for a person; Applying carries out what was agreed to.
const (
	Drafting  Phase = "drafting"
	Reviewing Phase = "reviewing"
	Applying  Phase = "applying"
)

// Rollout is what every rollout remembers. Which plan each step has stands in the steps.
type Rollout struct {
	Phase  Phase                   `json:"phase"`
	By     audit.By                `json:"by"` // who agreed
	At     time.Time               `json:"at,omitzero"`
	Reason string                  `json:"reason,omitempty"`
	Names  map[fleet.PlanID]string `json:"names,omitempty"` // typed, where the guard asked for it
	Stop   bool                    `json:"stop"`            // at the first that does not come out
	Left   []fleet.PBXID           `json:"left,omitempty"`  // out, by whoever agreed
	// GivenUp says that a person ended it before its end.
	GivenUp bool `json:"given_up,omitempty"`
}

// cargo is what kinds of rollouts differ in. It is the whole job under way: its document holds the
// rollout's own part.
type cargo interface {
	// document is what the job remembers.
	document() any
	// draft makes the plan of a step. so: everything is as asked already.
	draft(ctx context.Context, step int) (p plan.Plan, so bool, err error)
	// undrafted hears that no plan could be made for a step, and begun that drafting begins.
	begun()
	undrafted(s job.Step, err error)
	// givers are the steps that must be done before a step can be.
	givers(s job.Step) []*job.Step
	// stranded says what a step that does not come out leaves behind.
	stranded(s job.Step) string
	// after looks whether the world is well after a plan was applied, or says what is wrong.
	after(ctx context.Context, p plan.Plan) (trouble string)
	// aside is what is wrong beside the steps: in words, and how many PBXs are left alone because of it.
	aside() (wrong string, alone int)
	// words are what it is called, and what one of its steps is.
	words() (it, step string)
}

// crew is what carries out rollouts of every kind.
type crew struct {
	changer *Changer
	journal Journal
	drafts  Drafts
	now     func() time.Time
	log     *slog.Logger
}

// Drafts takes back drafts that nobody wants.
type Drafts interface {
	DiscardPlan(ctx context.Context, id fleet.PlanID, e audit.Entry) error
}

// rollout is one under way. Its steps change in one goroutine only.
type rollout struct {
	*job.Run
	crew
	cargo
	doc  *Rollout
	seen map[int]bool // steps of unknown fate that were looked at
}

// carryOn carries a rollout on from where its steps say it is.
func (w *rollout) carryOn(ctx context.Context) error {
	if w.doc.Phase == Applying {
		return w.apply(ctx)
	}
	return w.draftAll(ctx)
}

// keep stores how far the job is, with its document.
func (w *rollout) keep(ctx context.Context) error {
	if err := w.Write(w.document()); err != nil {
		return err
	}
	return w.Save(ctx)
}

func (w *rollout) tell(s *job.Step, state job.StepState, sentence string) {
	s.State, s.Sentence = state, sentence
}

func (w *rollout) count(state job.StepState) int {
	n := 0
	for _, s := range w.Steps {
		if s.State == state {
			n++
		}
	}
	return n
}

// refusal is why something was refused, with the rules that it broke.
func refusal(err error) string {
	text := message(err)
	if e, ok := errors.AsType[*fleet.Error](err); ok {
		for _, f := range e.Fields {
			if !strings.Contains(text, f.Rule) {
				text += " " + f.Rule
			}
		}
	}
	return text
}

// Offered are the plans that wait for a person's agreement, of the steps of a job.
func Offered(steps []job.Step) []fleet.PlanID {
	var ids []fleet.PlanID
	for _, s := range steps {
		if s.State == job.StepWaiting && s.Plan != "" {
			ids = append(ids, s.Plan)
		}
	}
	return ids
}

// obsolete reports whether a draft can't be confirmed any more although nothing was sent.
func obsolete(p plan.Plan) bool {
	return p.Status == plan.Expired || p.Status == plan.Stale || p.Status == plan.Void
}
