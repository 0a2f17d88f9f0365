package change

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// creation is what the job of a new PBX remembers.
type creation struct {
	Ask      CreateAsk      `json:"ask"`
	URL      string         `json:"url"`
	Region   string         `json:"region"`
	Firmware fleet.Firmware `json:"firmware"`
	// SentAt is when the creation went out, by the vendor's clock, stored before it does. From then on
	// nobody knows what became of it, until the id is known or a read settles it. Zero = it is certain
	// that nothing is on its way.
	SentAt time.Time `json:"sent_at,omitzero"`
	// Again is a person's to decide: the answer was lost and nothing stands at the URL.
	Again   bool      `json:"again,omitempty"`
	StartAt time.Time `json:"start_at,omitzero"` // as SentAt, for the start
	Starts  int       `json:"starts,omitempty"`
	Binds   int       `json:"binds,omitempty"`
	MailAt  time.Time `json:"mail_at,omitzero"`
	// MailAgain is a person's to decide: the mail may have gone out.
	MailAgain bool   `json:"mail_again,omitempty"`
	Serial    string `json:"serial,omitempty"`
}

// The steps of a new PBX, in their order.
const (
	stepCreate = "Create the PBX"
	stepSerial = "Get its serial number"
	stepStart  = "Start it"
	stepRun    = "Wait until it runs"
	stepBind   = "Bind its first numbers"
	stepMail   = "Send the activation mail"
)

// Check says what is wrong with a new PBX, field by field in the vendor's names: the rules first, and
// only when they hold, what the cloud says of the choices, the URL and the numbers. Nothing is stored
// and nothing is sent. The URL is answered as soon as it is known.
func (l *Lifecycle) Check(ctx context.Context, ask CreateAsk) (url string, fields []fleet.Field, err error) {
	o, c, fields, err := l.choose(ctx, ask)
	if err != nil || len(fields) > 0 {
		return o.URL, fields, err
	}
	fields, err = l.judge(ctx, o, c)
	return o.URL, fields, err
}

// choose holds an ask against the rules, reads what there is to choose, and completes what the job must
// know. The URL is empty when its domain is no choice.
func (l *Lifecycle) choose(ctx context.Context, ask CreateAsk) (creation, fleet.Choices, []fleet.Field, error) {
	o := creation{Ask: ask}
	fields := append(fleet.Check(ask.Spec, fleet.Choices{}), impossiblePairs(ask.Bind)...)
	if len(fields) > 0 {
		return o, fleet.Choices{}, fields, nil
	}
	c, err := l.d.Offers.Choices(ctx, ask.Spec.Region)
	if err != nil {
		return o, c, nil, unsent(err)
	}
	if d, known := c.Domain(ask.Spec.Domain); known {
		o.URL = ask.Spec.URL(d.Name)
	}
	r, _ := c.Region(ask.Spec.Region)
	v, _ := c.Firmware(ask.Spec.Version)
	o.Region, o.Firmware = r.Name, v.Version
	return o, c, nil, nil
}

// judge says what the cloud has against a new PBX: its choices, the numbers, the URL.
func (l *Lifecycle) judge(ctx context.Context, o creation, c fleet.Choices) ([]fleet.Field, error) {
	if fields := fleet.Check(o.Ask.Spec, c); len(fields) > 0 {
		return fields, nil
	}
	if fields, err := l.bindable(ctx, o); err != nil || len(fields) > 0 {
		return fields, err
	}
	return l.urlFree(ctx, o.URL)
}

func impossiblePairs(bind []fleet.Binding) []fleet.Field {
	for _, b := range bind {
		if b.Trunk <= 0 || b.DID <= 0 {
			return []fleet.Field{{Name: "bind", Rule: "A pair is a trunk and a DID, both by their ids."}}
		}
	}
	return nil
}

// bindable judges the first numbers as far as that can be done before the PBX is there.
func (l *Lifecycle) bindable(ctx context.Context, o creation) ([]fleet.Field, error) {
	if len(o.Ask.Bind) == 0 {
		return nil, nil
	}
	wrong := func(format string, args ...any) ([]fleet.Field, error) {
		return []fleet.Field{{Name: "bind", Rule: fmt.Sprintf(format, args...)}}, nil
	}
	if !o.Firmware.AtLeast(fleet.FirmwareDIDUpdate) {
		return wrong("Numbers can be bound from firmware %s on; this one is %s.", fleet.FirmwareDIDUpdate, o.Firmware)
	}
	dids, err := l.d.Changer.d.Reader.DIDs(ctx, didsOf(o.Ask.Bind))
	if err != nil {
		return nil, unsent(err)
	}
	for _, b := range o.Ask.Bind {
		i := slices.IndexFunc(dids, func(d fleet.DID) bool { return d.ID == b.DID })
		switch {
		case i < 0:
			return wrong("There is no DID %d.", b.DID)
		case dids[i].Owner != 0:
			return wrong("%s is bound to another PBX (%d).", dids[i].Number, dids[i].Owner)
		case !slices.Contains(dids[i].Trunks, b.Trunk):
			return wrong("%s does not sit on the trunk %d.", dids[i].Number, b.Trunk)
		}
	}
	return nil, nil
}

// urlFree says that an address is taken, or nothing.
func (l *Lifecycle) urlFree(ctx context.Context, url string) ([]fleet.Field, error) {
	d, err := l.d.Reader.AtURL(ctx, url)
	switch {
	case fleet.KindOf(err) == fleet.KindNotFound:
		return nil, nil
	case err != nil:
		return nil, unsent(err)
	}
	return []fleet.Field{{Name: "subDomain", Rule: fmt.Sprintf("%s is taken by %s (%d).", url, d.Name, d.ID)}}, nil
}

// Create checks a new PBX and stores the job that makes it. Who asks for the same PBX again (by the key
// of the form, or by the URL) gets the same job, until that has failed or its PBX is gone: then a new
// attempt may be made. Another PBX at the same URL is refused.
func (l *Lifecycle) Create(ctx context.Context, by audit.By, ask CreateAsk) (job.Job, error) {
	const op = "change.Create"
	ask.Spec.Name = oneLine(ask.Spec.Name)
	o, c, fields, err := l.choose(ctx, ask)
	if err == nil && len(fields) == 0 && o.URL == "" {
		fields = fleet.Check(ask.Spec, c)
	}
	if err != nil {
		return job.Job{}, err
	}
	if len(fields) > 0 {
		return job.Job{}, impossible(fields)
	}
	for attempt := 0; ; attempt++ {
		key := fmt.Sprintf("create_pbx:%s:%d", o.URL, attempt)
		j, err := l.d.Jobs.JobByKey(ctx, key)
		if fleet.KindOf(err) == fleet.KindNotFound {
			if j, err = l.begin(ctx, by, o, c, key); err != nil {
				return j, err
			}
		} else if err != nil {
			return j, err
		}
		over, err := l.over(ctx, j)
		if err != nil {
			return j, err
		}
		switch same := sameAsk(j, ask); {
		case same && (!over || ask.Key != "" && ask.Key == earlier(j).Key):
			return j, nil
		case !over && j.State == job.Done:
			return j, fleet.Invalid(op, "Nothing was sent: the URL is taken.", fleet.Field{Name: "subDomain", Rule: fmt.Sprintf("%s is taken by the PBX %d, which was made here.", o.URL, j.PBX)})
		case !over:
			return j, &fleet.Error{Kind: fleet.KindConflict, Op: op, Msg: fmt.Sprintf("Nothing was sent: another PBX is being made at %s. Look at the job “%s”.", o.URL, j.Title)}
		}
	}
}

func impossible(fields []fleet.Field) error {
	return fleet.Invalid("change.Create", "Nothing was sent: this PBX can't be made as it was asked for.", fields...)
}

// begin stores the job of a PBX that nobody asked for yet, unless the cloud has something against it.
func (l *Lifecycle) begin(ctx context.Context, by audit.By, o creation, c fleet.Choices, key string) (job.Job, error) {
	fields, err := l.judge(ctx, o, c)
	if err != nil {
		return job.Job{}, err
	}
	if len(fields) > 0 {
		return job.Job{}, impossible(fields)
	}
	steps := []job.Step{{Name: stepCreate}, {Name: stepSerial}, {Name: stepStart}, {Name: stepRun}}
	if len(o.Ask.Bind) > 0 {
		steps = append(steps, job.Step{Name: stepBind})
	}
	if o.Ask.Mail {
		steps = append(steps, job.Step{Name: stepMail})
	}
	for i := range steps {
		steps[i].State = job.StepWaiting
	}
	j := job.Job{Kind: job.CreatePBX, Key: key, Title: "Create " + o.Ask.Spec.Name, Sentence: "It will be at " + o.URL + ".",
		Author: by.Actor, IP: by.IP, Steps: steps, Doc: document(o)}
	return l.d.Queue.Submit(ctx, j, audit.Entry{At: l.now(), Actor: by.Actor, IP: by.IP, Action: audit.PBXCreate, Target: o.Ask.Spec.Name,
		Outcome: audit.Intended, After: document(o.Ask)})
}

// over reports whether the URL of a job is free for another attempt.
func (l *Lifecycle) over(ctx context.Context, j job.Job) (bool, error) {
	if j.State != job.Done {
		return j.State == job.Failed, nil
	}
	p, err := l.d.Catalogue.PBX(ctx, j.PBX)
	return err == nil && !p.Standing.GoneAt.IsZero(), err
}

func earlier(j job.Job) CreateAsk {
	var o creation
	run := job.Run{Job: j}
	if run.Read(&o) != nil {
		return CreateAsk{}
	}
	return o.Ask
}

// sameAsk reports whether a job makes exactly the PBX that is asked for.
func sameAsk(j job.Job, ask CreateAsk) bool {
	was := earlier(j)
	return was.Spec.Same(ask.Spec) && was.Mail == ask.Mail && fleet.NewBindingSet(was.Bind...).Equal(fleet.NewBindingSet(ask.Bind...))
}
