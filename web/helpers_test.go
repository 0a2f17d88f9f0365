package web_test

import (
	"time"

	"cordboard/sync/audit"
)

func sampleAct(target, reason string) audit.Entry {
	return audit.Entry{At: time.Now(), Actor: "ana", Action: audit.SignIn, Target: target, Reason: reason, Outcome: audit.Succeeded}
}
