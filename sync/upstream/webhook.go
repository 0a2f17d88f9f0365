package upstream

import (
	"time"

	"cordboard/sync/fleet"
	"cordboard/sync/ingest"
	"cordboard/yeastar"
	"cordboard/yeastar/event"
)

// SecretKeeper knows the secrets that a report may be signed with.
type SecretKeeper interface {
	Values() []string
	// Used notes that a report was signed with a value.
	Used(value string)
}

// Webhook understands YCM's event reports.
type Webhook struct{ secrets SecretKeeper }

// NewWebhook asks for the secrets at every report: people change them while it runs.
func NewWebhook(secrets SecretKeeper) Webhook { return Webhook{secrets} }

// Secrets is how many a signature may be made with; without any every delivery is refused.
func (w Webhook) Secrets() int { return len(w.secrets.Values()) }

// Verify reports whether one of the secrets signed these very bytes.
func (w Webhook) Verify(body []byte, signature string) bool {
	values := w.secrets.Values()
	at, ok := event.Verify(each(values, yeastar.NewSecret), body, signature)
	if ok {
		w.secrets.Used(values[at])
	}
	return ok
}

// Parse reads a body, element by element.
func (w Webhook) Parse(body []byte, now time.Time) ([]ingest.Parsed, error) {
	elements, err := event.Parse(body, now)
	if err != nil {
		return nil, err
	}
	return each(elements, parsed), nil
}

func parsed(e event.Element) ingest.Parsed {
	switch {
	case e.Err != nil:
		return ingest.Parsed{Serial: e.Serial, Event: fleet.EventKind(e.Event), Err: e.Err}
	case e.Kind == event.KindCapacity:
		return ingest.Parsed{Serial: e.Serial, Note: "A capacity report: nothing about numbers."}
	case e.Report == nil:
		return ingest.Parsed{Serial: e.Serial, Event: fleet.EventKind(e.Event), Note: "A signed report of a kind that Cordboard does not know."}
	}
	r := e.Report
	pairs := make([]fleet.Binding, len(r.Bindings))
	names := make([]fleet.ReportedName, len(r.Bindings))
	for i, b := range r.Bindings {
		pairs[i] = fleet.Binding{Trunk: fleet.TrunkID(b.TrunkID), DID: fleet.DIDID(b.DIDID)}
		names[i] = fleet.ReportedName{Binding: pairs[i], Number: b.Number, TrunkName: b.TrunkName}
	}
	report := fleet.Report{Serial: r.Serial, Event: fleet.EventKind(r.Event), At: r.UpdateTime, Set: fleet.NewBindingSet(pairs...), Names: names}
	return ingest.Parsed{Serial: r.Serial, Event: report.Event, Report: &report}
}
