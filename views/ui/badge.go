package ui

// Tone is one of the state colours. A tone never speaks alone: each comes with an icon of its own shape and a word.
type Tone string

// The tones. None is the neutral look of something that is not a state.
const (
	None Tone = ""
	Ok   Tone = "ok"   // in sync, verified, running, digested
	Warn Tone = "warn" // stale, parked, a caution
	Bad  Tone = "bad"  // drifted, diverged, failed, dead, lost numbers
	Ask  Tone = "ask"  // unknown: nobody knows yet
	Mute Tone = "mute" // gone, void, expired, stopped
	Busy Tone = "busy" // applying, starting, in progress
	Used Tone = "used" // a number that some PBX has
	Free Tone = "free" // a number that nobody has
	// Shield is the look of protection.
	Shield Tone = "warn shield"
)

// Badge is a state in one word, for example {Ok, "In sync"}.
type Badge struct {
	Tone  Tone
	Label string
}

// Link is a word that leads somewhere. An empty Href prints the word alone.
type Link struct {
	Label string
	Href  string
}

// Notice is a coloured box with one message: a warning above a page, the outcome of a plan, a success after a form.
type Notice struct {
	Tone  Tone
	Title string
	Text  string
	Links []Link
}

// Empty stands where a list has nothing to show. It says why and offers the next act. Action may be the zero Link.
type Empty struct {
	Title  string
	Text   string
	Action Link
}

// Copy is a machine value (a serial, an id, a request id) in small monospace that a click copies.
type Copy struct {
	Label string // what it is, for the button's name: "serial number"
	Text  string
}

// Fact is one row of a description list. Exactly one of the value fields is used, the first that is not zero.
type Fact struct {
	Label string
	Badge Badge
	Copy  Copy
	Time  Time
	Link  Link
	Text  string
}
