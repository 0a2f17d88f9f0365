package change

import "cordboard/sync/plan"

// stage is how far one half of a move is.
type stage string

const (
	stageNone  stage = ""      // it has no plan yet
	stageDraft stage = "draft" // its plan is stored and was not sent
	stageOpen  stage = "open"  // its plan may be under way
	stageDone  stage = "done"  // read back: the cloud holds what it asked for
	stageVain  stage = "vain"  // it is over and changed nothing
	stageOdd   stage = "odd"   // it is over, and reads show something else
)

// place is where a number of a move is.
type place string

const (
	atSource  place = "source"
	atTarget  place = "target"
	free      place = "free"      // bound to no PBX: calls to it fail
	elsewhere place = "elsewhere" // somebody else took it
	gone      place = "gone"      // Yeastar has no such number any more
)

// act is what a move does next.
type act string

const (
	actRelease  act = "release"
	actClaim    act = "claim"
	actPutBack  act = "put back"
	actSettle   act = "settle" // wait until a read tells what became of an open plan
	actLook     act = "look"   // read where the numbers are
	actDone     act = "done"
	actNothing  act = "nothing"  // it ends, and nothing was moved
	actReturned act = "returned" // it ends, and everything is as it was
	actOver     act = "over"     // it ends with the numbers in several places, as it says
	actAsk      act = "ask"      // a person must look
)

// progress is all that the next act is decided on.
type progress struct {
	release, claim, back stage
	tries                int     // how often putting back was tried
	places               []place // of each number; nil = not read since the last act
	resumed              bool    // a person has seen that it needed attention, and let it go on
}

// next decides how a move goes on. A number is claimed only once its release is proven, and put back
// only while nobody has it: at no moment could both PBXs hold it. While a plan is open nothing else is done.
func next(p progress) act {
	switch {
	case p.release == stageOpen || p.claim == stageOpen || p.back == stageOpen:
		return actSettle
	case p.release == stageNone || p.release == stageDraft:
		return actRelease
	case p.release == stageVain:
		return actNothing
	case p.release == stageDone && p.unclaimed():
		return actClaim
	case p.places == nil:
		return actLook
	case p.all(atTarget):
		return actDone
	case p.claim == stageDone: // reads contradict each other: nothing is sent on such ground
		return actAsk
	case p.release == stageOdd && p.unclaimed() && p.all(free):
		return actClaim
	case p.release == stageOdd && p.unclaimed() && p.all(atSource):
		return actNothing
	case p.any(free) && (p.back == stageNone || p.back == stageDraft || p.tries < backTries):
		return actPutBack
	case p.any(free):
		return actAsk
	case p.all(atSource):
		return actReturned
	case p.resumed || !p.any(elsewhere) && !p.any(gone):
		return actOver
	}
	return actAsk
}

// backTries is how often numbers that nobody has are put back before a person is asked. Each try is
// a plan of its own, on what is read then.
const backTries = 3

// unclaimed reports whether the claim was not tried yet.
func (p progress) unclaimed() bool {
	return p.back == stageNone && (p.claim == stageNone || p.claim == stageDraft)
}

func (p progress) all(where place) bool {
	for _, is := range p.places {
		if is != where {
			return false
		}
	}
	return len(p.places) > 0
}

func (p progress) any(where place) bool {
	for _, is := range p.places {
		if is == where {
			return true
		}
	}
	return false
}

// stageOf is how far the half with a plan of that status is. A plan that expired was never sent, and
// a new one takes its place.
func stageOf(status plan.Status, sent bool) stage {
	switch status {
	case plan.Draft:
		return stageDraft
	case plan.Expired:
		return stageNone
	case plan.Applying, plan.Unknown:
		return stageOpen
	case plan.Applied:
		return stageDone
	case plan.Diverged:
		return stageOdd
	case plan.Void:
		if sent {
			return stageOdd
		}
	}
	return stageVain
}
