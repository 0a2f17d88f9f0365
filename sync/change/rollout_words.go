package change

import (
	"fmt"
	"slices"
	"strings"

	"cordboard/sync/job"
)

// progress is how far the carrying out is.
func (w *rollout) progress() string {
	_, step := w.words()
	if !w.proven() {
		return "The first " + step + " goes alone."
	}
	return fmt.Sprintf("%d of %s changed and verified.", w.count(job.StepDone), counted(len(w.Steps)-w.count(job.StepSkipped), step))
}

// end says how it all came out. It is done only when everything that the file asked for is true, but
// for what a person left out.
func (w *rollout) end() {
	done, failed, unknown, left := w.count(job.StepDone), w.count(job.StepFailed), w.count(job.StepAttention), w.count(job.StepWaiting)
	lost := 0 // skipped, and not because somebody left them out
	for _, s := range w.Steps {
		if s.State == job.StepSkipped && !slices.Contains(w.doc.Left, s.PBX) {
			lost++
		}
	}
	_, step := w.words()
	_, alone := w.aside()
	parts := []string{fmt.Sprintf("%s changed and verified.", are(done, step))}
	add := func(n int, format string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(format, counted(n, step)))
		}
	}
	add(failed, "%s did not come out.")
	add(unknown, "The fate of %s is not known yet; Cordboard keeps checking.")
	add(left, "%s not touched yet.")
	add(lost, "%s not touched.")
	add(w.count(job.StepSkipped)-lost, "%s left out.")
	if alone > 0 {
		parts = append(parts, counted(alone, "PBX")+" left alone because of what is wrong in the file.")
	}
	sentence := strings.Join(parts, " ")
	if w.doc.GivenUp {
		sentence = "Given up. " + sentence
	}
	switch {
	case left > 0:
		w.End(job.NeedsAttention, "Stopped. "+sentence)
	case unknown > 0:
		w.End(job.NeedsAttention, sentence)
	case failed+lost+alone > 0:
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
