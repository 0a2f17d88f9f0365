package change

import (
	"fmt"
	"slices"
	"strings"

	"cordboard/sync/bulk"
	"cordboard/sync/job"
)

// alone is how many PBXs the file names that are left alone.
func (w *bulkRun) alone() int { return w.review.Of(bulk.Left) }

// progress is how far the carrying out is.
func (w *bulkRun) progress() string {
	done := w.count(job.StepDone)
	if !w.proven() {
		return "The first PBX goes alone."
	}
	return fmt.Sprintf("%d of %s changed and verified.", done, counted(len(w.Steps)-w.count(job.StepSkipped), "PBX"))
}

// end says how it all came out. It is done only when everything that the file asked for is true, but
// for what a person left out.
func (w *bulkRun) end() {
	done, failed, unknown, left := w.count(job.StepDone), w.count(job.StepFailed), w.count(job.StepAttention), w.count(job.StepWaiting)
	lost := 0 // skipped, and not because somebody left them out
	for _, s := range w.Steps {
		if s.State == job.StepSkipped && !slices.Contains(w.doc.Left, s.PBX) {
			lost++
		}
	}
	parts := []string{fmt.Sprintf("%s changed and verified.", are(done, "PBX"))}
	add := func(n int, format string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(format, counted(n, "PBX")))
		}
	}
	add(failed, "%s did not come out.")
	add(unknown, "The fate of %s is not known yet; Cordboard keeps checking.")
	add(left, "%s not touched yet.")
	add(lost, "%s not touched.")
	add(w.count(job.StepSkipped)-lost, "%s left out.")
	add(w.alone(), "%s left alone because of what is wrong in the file.")
	sentence := strings.Join(parts, " ")
	if w.doc.GivenUp {
		sentence = "Given up. " + sentence
	}
	switch {
	case left > 0:
		w.End(job.NeedsAttention, "Stopped. "+sentence)
	case unknown > 0:
		w.End(job.NeedsAttention, sentence)
	case failed+lost+w.alone() > 0:
		w.End(job.Failed, sentence)
	default:
		w.End(job.Done, sentence)
	}
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// are is "1 row is", "2 rows are".
func are(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return counted(n, noun) + " are"
}

func waits(n int) string {
	if n == 1 {
		return "1 plan waits"
	}
	return fmt.Sprintf("%d plans wait", n)
}
