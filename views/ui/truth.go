package ui

// Truth is how our record of a PBX stands to the cloud: one state, one sentence, since when, and how old the knowledge is. Whether
// the PBX can be reached is another thing and has a badge of its own.
type Truth struct {
	State    Badge
	Sentence string
	Since    Time   // when the state began; zero when nobody knows, or when it does not matter
	At       Time   // the moment up to which we know; zero for never
	Word     string // how we know, before the age: "verified", "reported"; empty with a zero At
	By       string // by what, behind the age: "by API", "by webhook"
}
