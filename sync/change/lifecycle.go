package change

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// LifeDeps is what a Lifecycle works with. Every field is needed.
type LifeDeps struct {
	Reader    PBXReader
	Maker     Maker
	Editor    Editor
	Customers CustomerMaker
	Offers    Offers
	Catalogue Catalogue
	Ledger    Ledger
	Queue     Queue
	Jobs      JobBook
	Record    Recorder
	Changer   *Changer // binds the first numbers; its clock, log and read-back are shared
	Patience  Patience
}

// Patience says how long a job waits for the cloud before it asks a person. What is waited for is
// polled with growing pauses.
type Patience struct {
	Settle time.Duration // for a call to be heard, or for reads to tell the fate of one whose answer was lost
	Serial time.Duration // for the serial number of a new PBX
	Run    time.Duration // for a PBX to run after its start, or to stop
	Pause  time.Duration // the longest pause between two looks
}

// Lifecycle makes PBXs and carries out the acts of their life. Each is checked while its caller waits,
// and then is a stored job: it survives the end of the process at any moment, no call is ever repeated
// blindly, and it ends done or says what is true.
type Lifecycle struct {
	d LifeDeps
}

// NewLifecycle checks the dependencies.
func NewLifecycle(d LifeDeps) (*Lifecycle, error) {
	switch {
	case d.Reader == nil, d.Maker == nil, d.Editor == nil, d.Customers == nil, d.Offers == nil, d.Catalogue == nil, d.Ledger == nil,
		d.Queue == nil, d.Jobs == nil, d.Record == nil, d.Changer == nil:
		return nil, errors.New("change: a field of LifeDeps is nil")
	case d.Patience.Settle <= 0, d.Patience.Serial <= 0, d.Patience.Run <= 0, d.Patience.Pause <= 0:
		return nil, errors.New("change: a duration of Patience is not positive")
	}
	return &Lifecycle{d}, nil
}

func (l *Lifecycle) now() time.Time    { return l.d.Changer.d.Now() }
func (l *Lifecycle) log() *slog.Logger { return l.d.Changer.d.Log }

// errand is a job of a PBX's life under way.
type errand struct {
	l   *Lifecycle
	r   *job.Run
	doc any // what [errand.save] writes down
}

// task is one step of an errand. It answers what is true now that it is done.
type task struct {
	name string
	do   func(context.Context) (string, error)
}

// errSkipped says that a step has nothing to do; its sentence says why.
var errSkipped = errors.New("skipped")

// halt ends an errand, or hands it to a person.
type halt struct {
	state    job.State
	sentence string
	acts     []audit.Entry
}

func (h *halt) Error() string { return h.sentence }

// failed ends the errand: what it wanted is not so, and the sentence says what is.
func failed(format string, args ...any) *halt {
	return &halt{state: job.Failed, sentence: fmt.Sprintf(format, args...)}
}

// asks hands the errand to a person, who may have it go on.
func asks(format string, args ...any) *halt {
	return &halt{state: job.NeedsAttention, sentence: fmt.Sprintf(format, args...)}
}

// with records acts together with the end.
func (h *halt) with(acts ...audit.Entry) *halt {
	h.acts = append(h.acts, acts...)
	return h
}

// run takes the tasks one by one; those that were done before are passed over.
func (e *errand) run(ctx context.Context, tasks []task, summary func() string) error {
	for i := range tasks {
		step := e.step(tasks[i].name)
		if step == nil || step.State == job.StepDone || step.State == job.StepSkipped {
			continue
		}
		step.State = job.StepRunning
		if err := e.save(ctx); err != nil {
			return e.stop(ctx, step, err)
		}
		sentence, err := tasks[i].do(ctx)
		if err != nil && !errors.Is(err, errSkipped) {
			return e.stop(ctx, step, err)
		}
		step.State, step.Sentence = job.StepDone, sentence
		if err != nil {
			step.State = job.StepSkipped
		}
	}
	e.r.End(job.Done, summary())
	return e.r.Write(e.doc)
}

// stop ends the errand for err. When the process is ending nothing is said: the errand goes on at the
// next start. What is no decision but trouble of our own is a person's to try again: it is not known to
// have failed.
func (e *errand) stop(ctx context.Context, step *job.Step, err error) error {
	h, decided := errors.AsType[*halt](err)
	switch {
	case !decided && ctx.Err() != nil:
		return ctx.Err()
	case !decided:
		e.l.log().Error("a job of a PBX's life met trouble of our own", "job", e.r.ID, "step", step.Name, "error", err)
		h = asks("Something went wrong inside Cordboard; its log says what. Try again goes on where it stopped.")
	}
	step.Sentence, step.State = h.sentence, job.StepAttention
	if h.state == job.Failed {
		step.State = job.StepFailed
		for i := range e.r.Steps {
			if e.r.Steps[i].State == job.StepWaiting {
				e.r.Steps[i].State = job.StepSkipped
			}
		}
	}
	e.r.End(h.state, h.sentence, h.acts...)
	return e.r.Write(e.doc)
}

func (e *errand) step(name string) *job.Step {
	for i := range e.r.Steps {
		if e.r.Steps[i].Name == name {
			return &e.r.Steps[i]
		}
	}
	return nil
}

// save stores how far the errand is, and what it did.
func (e *errand) save(ctx context.Context, acts ...audit.Entry) error {
	if err := e.r.Write(e.doc); err != nil {
		return err
	}
	return e.r.Save(ctx, acts...)
}

// finish records together that a step is done and what it did: a process that ends right after it does
// not take the step again.
func (e *errand) finish(ctx context.Context, name, sentence string, acts ...audit.Entry) (string, error) {
	step := e.step(name)
	step.State, step.Sentence = job.StepDone, sentence
	return sentence, e.save(context.WithoutCancel(ctx), acts...)
}

// progress shows how a step stands while it is waited for. It is stored when it says something new.
func (e *errand) progress(ctx context.Context, name, sentence string) error {
	step := e.step(name)
	if step.Sentence == sentence {
		return nil
	}
	step.Sentence = sentence
	return e.save(ctx)
}

// entry is an audit row of this errand.
func (e *errand) entry(action audit.Action, outcome audit.Outcome, target, reason string, before, after any, request string) audit.Entry {
	return audit.Entry{
		At: e.l.now(), Actor: e.r.Author, IP: e.r.IP, Action: action, Target: target, PBX: e.r.PBX, Outcome: outcome, Reason: reason,
		Before: document(before), After: document(after), VendorRequestID: request,
	}
}

// document is a value in the audit log. The values are ours and plain: encoding them can't fail.
func document(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return text
}

// late says that what was waited for did not come in time, and what the last look met.
type late struct{ last error }

func (l *late) Error() string { return "it did not come in time" }

func (l *late) Unwrap() error { return l.last }

// wait looks until try says yes, decides otherwise by a halt, or the limit has passed: then the error
// is a *late. With a limit of 0 it looks once.
func (l *Lifecycle) wait(ctx context.Context, limit time.Duration, try func(context.Context) (bool, error)) error {
	deadline, pause := l.now().Add(limit), l.d.Changer.d.Poll
	for {
		done, err := try(ctx)
		if _, decided := errors.AsType[*halt](err); decided || done && err == nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !l.now().Add(pause).Before(deadline) {
			return &late{err}
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, l.d.Patience.Pause)
	}
}

// send makes one call. It is made again only while it is certain that the last one was not heard, and
// not for longer than the patience for that. A process that ends politely waits for the answer instead
// of losing it.
func (l *Lifecycle) send(ctx context.Context, call func(context.Context) error) (err error) {
	waiting := l.wait(ctx, l.d.Patience.Settle, func(ctx context.Context) (bool, error) {
		err = call(context.WithoutCancel(ctx))
		return !unheard(err), nil
	})
	return cmp.Or(err, waiting)
}

// unheard reports whether a call was certainly not done, and may be made again.
func unheard(err error) bool { return err != nil && fleet.KindOf(err) == fleet.KindUnavailable }

// saidNo reports whether the vendor, or our own client before it, answered no.
func saidNo(err error) bool {
	return err != nil && (fleet.KindOf(err) == fleet.KindRefused || fleet.KindOf(err) == fleet.KindInvalid)
}

// unread is the vendor's words of a read that failed, with a space before, or nothing.
func unread(err error) string {
	l, ok := errors.AsType[*late](err)
	if !ok || l.last == nil {
		return ""
	}
	return " " + message(l.last)
}

// keep brings a fresh read into our record.
func (l *Lifecycle) keep(ctx context.Context, d fleet.PBXDetail) error {
	if err := l.d.Catalogue.KeepPBX(ctx, d.PBX); err != nil {
		return fmt.Errorf("change: keep PBX %d: %w", d.ID, err)
	}
	l.d.Changer.d.Announce(d.ID, "")
	return nil
}
