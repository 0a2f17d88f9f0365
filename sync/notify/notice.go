package notify

import (
	"time"

	"cordboard/sync/fleet"
)

// Kind says what a notice is about, so that people can choose.
type Kind string

// The kinds, the loudest first.
const (
	DeletedPBX  Kind = "pbx_deleted"  // it does not exist any more, and no job of ours did that
	ReportedPBX Kind = "pbx_reported" // Yeastar speaks of it after its deletion
	EmptyPBX    Kind = "empty_pbx"    // it had numbers and has none, and no plan of ours did that
	Drift       Kind = "drift"        // changed outside, confirmed by a read
	Write       Kind = "write"        // a write of ours diverged, or nobody knows its fate
	WebhookPath Kind = "webhook_path" // reports were due and did not come
	SignIn      Kind = "sign_in"      // YCM refuses our credentials, so nothing is called any more
	Backup      Kind = "backup"       // backups fail, or none was made for too long
)

// Kinds are those that people choose from, the loudest first.
func Kinds() []Kind { return []Kind{EmptyPBX, Drift, Write, WebhookPath, SignIn, Backup} }

// choice is the kind with which people choose k: whoever hears of a PBX without numbers hears of a deleted
// one, also when the choice is older than that kind.
func (k Kind) choice() Kind {
	if k == DeletedPBX || k == ReportedPBX {
		return EmptyPBX
	}
	return k
}

// louder reports whether k should be told even to people who know of other already.
func (k Kind) louder(other Kind) bool {
	return k == EmptyPBX && other == Drift || k == ReportedPBX && other == DeletedPBX
}

// Condition is something that holds now and that people should hear of.
type Condition struct {
	Key      string // the same for as long as it is the same thing: "bindings:4808"
	Kind     Kind
	PBX      fleet.PBXID // 0 = none
	Subject  string      // whom it is about: "Acme HQ"
	Title    string
	Sentence string
	Path     string    // of the page that shows it
	Since    time.Time // zero: since it was seen first
}

// Notice is a condition that was stored when it began to hold.
type Notice struct {
	ID int64
	Condition
	OpenedAt time.Time
	ToldAt   time.Time // when people were told last; zero = nobody was
	ClosedAt time.Time // zero while it holds
}

// Event is what a message says about its notice.
type Event string

// The events.
const (
	Opened   Event = "opened"
	Reminder Event = "reminder"
	Closed   Event = "closed"
	Testing  Event = "test"
)

// Message is what one channel is sent about one notice. Its text is fixed when it is made.
type Message struct {
	ID       string      `json:"id"` // the same at every attempt
	Event    Event       `json:"event"`
	Kind     Kind        `json:"kind"`
	Key      string      `json:"key"`
	PBX      fleet.PBXID `json:"pbx_id,omitempty"`
	Subject  string      `json:"subject,omitempty"`
	Title    string      `json:"title"`
	Sentence string      `json:"sentence"`
	URL      string      `json:"url,omitempty"` // empty when nobody said how Cordboard is reached
	Since    time.Time   `json:"since"`
	At       time.Time   `json:"at"`
}

// Channel is a way to people.
type Channel string

// The channels.
const (
	ByWebhook Channel = "webhook"
	ByMail    Channel = "mail"
)

// Channels are all channels.
func Channels() []Channel { return []Channel{ByWebhook, ByMail} }

// MessageState is where a message stands.
type MessageState string

// The states of a message.
const (
	Waiting MessageState = "waiting" // for its next attempt
	Sent    MessageState = "sent"
	Failed  MessageState = "failed" // given up
)

// Posted is a message with what became of it.
type Posted struct {
	Message
	Seq      int64
	Notice   int64 // 0 for a test
	Channel  Channel
	State    MessageState
	MadeAt   time.Time
	Attempts int
	NextAt   time.Time
	EndedAt  time.Time // zero while it waits
	Answer   string    // what the last attempt came to, in words
}
