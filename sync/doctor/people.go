package doctor

import (
	"fmt"

	"cordboard/sync/fleet"
)

func (f Facts) key() Finding {
	const check = "Key"
	if f.KeyFile {
		return Finding{Look, check, "The key of stored secrets lies in the data folder, beside what it opens.",
			"Keep a copy of cordboard.key elsewhere: without it no stored secret can be read from a backup. Whoever must not read secrets from a stolen disk gives the key at the start instead (CORDBOARD_KEY).", ""}
	}
	return Finding{Fine, check, "The key of stored secrets is given at the start.", "", ""}
}

func (f Facts) admins() Finding {
	const check, mend = "Admins", "Invite a colleague as admin: with one alone, a lost password or second factor takes somebody with access to the machine."
	switch f.Admins {
	case 0:
		return Finding{Wrong, check, "There is no admin.", "Make one at the terminal: cordboard user add NAME --role admin.", ""}
	case 1:
		return Finding{Look, check, "There is only one admin.", mend, pathUsers}
	}
	return Finding{Fine, check, fmt.Sprintf("%d admins can help each other.", f.Admins), "", pathUsers}
}

func (f Facts) door() Finding {
	const check = "Way to the pages"
	switch {
	case f.Plain:
		return Finding{Wrong, check, "You use Cordboard over the network without https: passwords, cookies and numbers can be read on the way.",
			"Put a proxy with TLS in front of it that sets X-Forwarded-Proto, and let Cordboard listen on loopback.", ""}
	case !f.Loopback:
		return Finding{Look, check, "Cordboard listens on " + f.Listen + ", beyond this machine, and speaks plain http there.",
			"Make sure that only a proxy with TLS can reach that port: in a container by not publishing it, elsewhere by listening on loopback.", ""}
	}
	return Finding{Fine, check, "Only this machine can reach Cordboard at " + f.Listen + ".", "", ""}
}

func (f Facts) proxies() Finding {
	const check = "Trusted proxies"
	if f.Proxies == 0 && !f.Loopback {
		return Finding{Look, check, "No proxy is trusted: behind one, everybody has the proxy's address in the audit log, and its throttle for all.",
			"Give the proxy's address with --trusted-proxies, if there is one.", ""}
	}
	if f.Proxies == 0 {
		return Finding{Fine, check, "No proxy is trusted; addresses on record are those that connect.", "", ""}
	}
	return Finding{Fine, check, "Addresses on record are those that trusted proxies tell.", "", ""}
}

// manyDrafts is how many drafts that nobody confirms are worth a look.
const manyDrafts = 20

func (f Facts) plans() Finding {
	const check = "Plans"
	switch {
	case f.Unknown > 0:
		return Finding{Wrong, check, counted(f.Unknown, "plan has", "plans have") + " an unknown fate, and their PBXs take no other plan until a read settles it.",
			"See whether YCM and the PBX can be reached; Cordboard tries every half minute.", pathPlans + "?status=unknown"}
	case f.Drafts >= manyDrafts:
		return Finding{Look, check, counted(f.Drafts, "draft waits", "drafts wait") + " for somebody.", "Confirm or discard them; they expire by themselves.", pathPlans + "?status=draft"}
	}
	return Finding{Fine, check, "Every plan that was sent has a known fate.", "", pathPlans}
}

func (f Facts) reading() Finding {
	const check = "Reading"
	switch {
	case f.Unread > 0:
		return Finding{Look, check, fmt.Sprintf("%s of %d can't be told.", counted(f.Unread, "PBX", "PBXs"), f.PBXs), "Each says why on its page.", pathUnknown}
	case f.Stale > 0:
		return Finding{Look, check, fmt.Sprintf("%s of %d: what is known is stale.", counted(f.Stale, "PBX", "PBXs"), f.PBXs), "See whether passes complete, and how often they run.", pathStale}
	case f.PBXs == 0:
		return Finding{Look, check, "Nothing has been read from YCM yet.", "Connect YCM; the first pass starts at once.", pathConnection}
	}
	return Finding{Fine, check, "Every PBX was read lately.", "", ""}
}

func (f Facts) passes() Finding {
	const check = "Passes"
	if f.Interval == 0 {
		return Finding{Look, check, "No pass starts by itself: what no report tells is found only when somebody asks.", "Set an interval, such as 10m.", pathPasses}
	}
	return Finding{Fine, check, "A pass starts every " + fleet.Span(f.Interval) + ".", "", pathPasses}
}

func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
