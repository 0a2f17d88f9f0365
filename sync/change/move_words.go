package change

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
	"cordboard/sync/plan"
)

// The steps of a move, by what they begin with.
const (
	stepRelease = "Release from "
	stepClaim   = "Claim for "
	stepVerify  = "Verify every number"
	stepBack    = "Put back on "
)

func (m moving) steps() []job.Step {
	return []job.Step{
		{Name: stepRelease + m.FromName, State: job.StepWaiting, PBX: m.From},
		{Name: stepClaim + m.ToName, State: job.StepWaiting, PBX: m.To},
		{Name: stepVerify, State: job.StepWaiting},
	}
}

// step finds a step. Putting back is one only when it has to be done.
func (m *mover) step(name string) int {
	i := slices.IndexFunc(m.r.Steps, func(s job.Step) bool { return strings.HasPrefix(s.Name, name) })
	if i < 0 {
		m.r.Steps = append(m.r.Steps, job.Step{Name: name + m.FromName, State: job.StepWaiting, PBX: m.From})
		i = len(m.r.Steps) - 1
	}
	return i
}

func stepState(s plan.Status) job.StepState {
	switch stageOf(s, true) {
	case stageDone:
		return job.StepDone
	case stageOpen, stageDraft:
		return job.StepRunning
	}
	return job.StepFailed
}

// doing says what is under way.
func (m *mover) doing(step string) string {
	switch step {
	case stepRelease:
		return "Releasing " + m.them() + " from " + m.FromName + "."
	case stepClaim:
		return m.FromName + " has released " + m.them() + ". Claiming for " + m.ToName + "."
	}
	return m.ToName + " did not take " + m.them() + ". Putting back on " + m.FromName + "."
}

// tell writes how the plans of both halves stand into the steps.
func (m *mover) tell() {
	for _, h := range []struct {
		half
		step string
	}{{m.Release, stepRelease}, {m.Claim, stepClaim}, {m.Back, stepBack}} {
		if p, known := m.plans[h.Plan]; known && h.Trouble == "" {
			i := m.step(h.step)
			m.r.Steps[i].State, m.r.Steps[i].Sentence, m.r.Steps[i].Plan = stepState(p.Status), p.Outcome.Sentence, p.ID
		}
	}
}

func (m *mover) them() string {
	if len(m.Numbers) == 1 {
		return m.Numbers[0].Number
	}
	return fmt.Sprintf("%d numbers", len(m.Numbers))
}

// why is what ended a half.
func (m *mover) why(h half) string {
	return cmp.Or(h.Trouble, m.plans[h.Plan].Outcome.Sentence, "Its plan was given up.")
}

// account says of every number where it is.
func (m *mover) account() string {
	if m.places == nil {
		return "Where the numbers are could not be read. Look at both PBXs."
	}
	var parts []string
	for _, k := range []struct {
		where place
		words string
	}{
		{free, "nobody has %s now: calls to it fail"}, {elsewhere, "another PBX has taken %s"}, {gone, "Yeastar has no %s any more"},
		{atSource, m.FromName + " has %s"}, {atTarget, m.ToName + " has %s"},
	} {
		var list []string
		for _, n := range m.Numbers {
			if m.places[n.DID] == k.where {
				list = append(list, n.Number)
			}
		}
		if len(list) > 0 {
			parts = append(parts, strings.Replace(k.words, "%s", enumerate(list), 1))
		}
	}
	text := strings.Join(parts, "; ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// enumerate is "A", "A and B", "A, B and 12 more".
func enumerate(list []string) string {
	const most = 10
	if len(list) > most {
		list = append(slices.Clone(list[:most]), fmt.Sprintf("%d more", len(list)-most))
	}
	if len(list) == 1 {
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// end ends the move, or asks a person to look, and says so in the audit log of both PBXs.
func (m *mover) end(a act) error {
	verify := m.step(stepVerify)
	m.r.Steps[verify].State = job.StepDone
	for i, s := range m.r.Steps {
		if s.State == job.StepWaiting || s.State == job.StepRunning {
			m.r.Steps[i].State = job.StepSkipped
		}
	}
	switch a {
	case actDone:
		m.r.Steps[verify].Sentence = "Each says itself that it is bound to " + m.ToName + "."
		return m.finish(job.Done, audit.Succeeded, m.ToName+" has "+m.them()+" now: released, claimed, and read back.")
	case actNothing:
		m.r.Steps[verify].State = job.StepSkipped
		return m.finish(job.Failed, audit.Failed, "Nothing was moved. "+m.why(m.Release))
	case actReturned:
		cause := m.Claim
		if cause == (half{}) {
			cause = m.Release
		}
		return m.finish(job.Failed, audit.Failed, "Everything is as before: "+m.FromName+" has "+m.them()+". "+m.why(cause))
	case actOver:
		return m.finish(job.Failed, audit.Diverged, "Not everything was moved. "+m.account())
	}
	at := verify
	if m.Back != (half{}) {
		at = m.step(stepBack)
	}
	m.r.Steps[at].State = job.StepAttention
	return m.finish(job.NeedsAttention, audit.Diverged, m.account()+m.because())
}

// stuck asks a person to look because the move can't be carried on: not even to see where the numbers
// are.
func (m *mover) stuck(cause error) error {
	m.r.Steps[m.step(stepVerify)].State = job.StepAttention
	return m.finish(job.NeedsAttention, audit.Unknown, "The move can't go on. "+message(cause)+" "+m.account())
}

// finish hands the runner how the move stands, with a row for the audit log of both PBXs. What has no
// end in the database is taken up at the next start.
func (m *mover) finish(s job.State, outcome audit.Outcome, sentence string) error {
	if err := m.r.Write(m.moving); err != nil {
		return err
	}
	acts, err := m.entries(m.r.Job, m.c.d.Now(), outcome, sentence)
	if err != nil {
		return err
	}
	m.r.End(s, sentence, acts...)
	return nil
}

// because is what went wrong on the way to where a person must look.
func (m *mover) because() string {
	text := ""
	if m.Claim.Trouble != "" || m.plans[m.Claim.Plan].Status != plan.Applied && m.Claim.Plan != "" {
		text += " " + m.ToName + " did not take over: " + m.why(m.Claim)
	}
	if m.Back.Trouble != "" || m.plans[m.Back.Plan].Status != plan.Applied && m.Back.Plan != "" {
		text += " Putting back failed: " + m.why(m.Back)
	}
	return text
}

// entries are the audit rows of a move, one for each PBX. Both name the job.
func (m moving) entries(j job.Job, at time.Time, outcome audit.Outcome, words string) ([]audit.Entry, error) {
	var numbers []string
	for _, n := range m.Numbers {
		numbers = append(numbers, n.Number)
	}
	after, err := json.Marshal(struct {
		Job     job.ID      `json:"job"`
		From    fleet.PBXID `json:"from"`
		To      fleet.PBXID `json:"to"`
		Numbers []string    `json:"numbers"`
	}{j.ID, m.From, m.To, numbers})
	if err != nil {
		return nil, fmt.Errorf("change.move: audit: %w", err)
	}
	row := audit.Entry{At: at, Actor: j.Author, IP: j.IP, Action: audit.NumbersMove, Target: m.FromName, PBX: m.From, Outcome: outcome,
		Reason: strings.TrimSpace("Job " + string(j.ID) + ". " + words), After: after}
	other := row
	other.Target, other.PBX = m.ToName, m.To
	return []audit.Entry{row, other}, nil
}
