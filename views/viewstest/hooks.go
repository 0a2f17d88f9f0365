package viewstest

import (
	"time"

	"cordboard/views"
	"cordboard/views/href"
	"cordboard/views/ui"
)

const sampleBody = `[
  {
    "event": "did_change",
    "sn": "3658B43111960042",
    "trunkDidInfoList": [
      {
        "did": "10021212",
        "didId": "1192488",
        "trunkId": "114529",
        "trunkName": "register-trunk-shared_32YFS4"
      },
      {
        "did": "2111",
        "didId": "1192495",
        "trunkId": "114538",
        "trunkName": "<script>alert(1)</script>"
      }
    ],
    "updateTime": 1773105500177
  }
]`

func element(name string, id int64, state ui.Badge) views.DeliveryElement {
	return views.DeliveryElement{Event: "did_change", Serial: "3658B43111960042", PBX: ui.Link{Label: name, Href: href.PBX(id)}, State: state, Count: "6 numbers", At: ago(2 * time.Minute)}
}

// WebhooksPage is the inbox.
func WebhooksPage() views.WebhooksPage {
	digested, parked, dead := ui.Badge{Tone: ui.Ok, Label: "Digested"}, ui.Badge{Tone: ui.Warn, Label: "Parked"}, ui.Badge{Tone: ui.Bad, Label: "Dead"}
	stranger := element("", 0, parked)
	stranger.PBX, stranger.Serial, stranger.Error = ui.Link{}, "36AA19C0442100ZK", "No PBX with this serial is known yet."
	page := views.WebhooksPage{
		Live: "webhooks", Health: pulse(), Pager: ui.Pager{Summary: "1–7 of 4,118 deliveries", Next: "/webhooks?after=x"},
		States: []ui.Option{{Label: "All", Href: href.Webhooks, Selected: true}, {Label: "Digested", Tone: ui.Ok, Count: "4,009", Href: "/webhooks?state=digested"}, {Label: "Duplicate", Tone: ui.Mute, Count: "96", Href: "/webhooks?state=duplicate"}, {Label: "Late", Tone: ui.Warn, Count: "8", Href: "/webhooks?state=late"}, {Label: "Parked", Tone: ui.Warn, Count: "3", Href: "/webhooks?state=parked"}, {Label: "Dead", Tone: ui.Bad, Count: "2", Href: "/webhooks?state=dead"}},
		Rows: []views.DeliveryRow{
			{Received: ago(2 * time.Minute), State: digested, Elements: []views.DeliveryElement{element("Acme HQ", acme, digested)}, Size: "1.2 kB"},
			{Received: ago(9 * time.Minute), State: ui.Badge{Tone: ui.Busy, Label: "Stored"}, Elements: []views.DeliveryElement{element("Stein Elektro", 4843, digested)}, Size: "894 B"},
			{Received: ago(31 * time.Minute), State: parked, Elements: []views.DeliveryElement{stranger, element("Lumen Energy", 4832, digested)}, Error: "1 of 2: no PBX with this serial is known yet. Replayed when it appears.", Size: "2.0 kB"},
			{Received: ago(47 * time.Minute), State: ui.Badge{Tone: ui.Mute, Label: "Duplicate"}, Elements: []views.DeliveryElement{element("Acme HQ", acme, digested)}, Size: "1.2 kB"},
			{Received: ago(3 * time.Hour), State: ui.Badge{Tone: ui.Warn, Label: "Late"}, Elements: []views.DeliveryElement{element("Saltmarsh Seafood", 4842, digested), element("Vale Print", 4846, digested)}, More: "and 3 more PBXs", Size: "11 kB"},
			{Received: ago(20 * time.Hour), State: dead, Error: "The time 2031-01-01 is more than 24 h in the future.", Elements: []views.DeliveryElement{element("Meridian Freight", 4834, dead)}, Size: "640 B"},
			{Received: ago(26 * time.Hour), State: digested, Error: "Empty report: nothing to do.", Size: "2 B"},
		},
	}
	for i := range page.Rows {
		page.Rows[i].Href = href.Webhook("wh_" + string(rune('a'+i)))
	}
	return page
}

func hookScreens() []Screen {
	shell := Shell("Webhooks", views.SectionWebhooks, "/webhooks")
	none := views.WebhooksPage{Live: "webhooks", Health: views.WebhookHealth{State: ui.Badge{Tone: ui.Mute, Label: "Nothing yet"}, Sentence: "No report has ever arrived."}, Empty: ui.Empty{Title: "No delivery yet", Text: "In YCM (System, API, Webhook) enter this server's address with /hooks/ycm and the secret that Cordboard was started with."}}
	silent := WebhooksPage()
	silent.Health.State, silent.Health.Sentence = ui.Badge{Tone: ui.Bad, Label: "Looks broken"}, "The webhook path looks broken: Yeastar did not report a change that Cordboard made itself."
	silent.Health.Since, silent.Health.Setup = ago(12*time.Minute), ui.Link{Label: "Webhook setup", Href: href.WebhookSetup}
	silent.Health.Evidence = []views.PathSeen{{Text: "Cordboard changed Acme HQ and no report followed.", Time: ago(12 * time.Minute), Link: ui.Link{Label: "See the plan", Href: href.Plan("pl_7Q2M")}}}
	silent.Health.Hints = []string{"In YCM, System > API > Webhook Event Push must have an entry with this server's address and /hooks/ycm, by the method POST.", "YCM must reach this server: look at the proxy, the firewall, the certificate and the name."}
	silent.ReplayAll = &views.FormAction{Href: href.ReplayAll, Label: "Replay all", Text: "Digests them once more, 500 at a time. Harmless.", Fields: []views.HiddenField{{Name: "state", Value: "dead"}}}
	detail := views.WebhookPage{
		ID: "wh_0931", Received: ago(31 * time.Minute), State: ui.Badge{Tone: ui.Warn, Label: "Parked"}, Sentence: "1 of 2 PBXs is not known yet. The delivery is digested again when its serial appears.", Live: "webhooks",
		Facts:    []ui.Fact{{Label: "Received", Time: ago(31 * time.Minute)}, {Label: "Signature", Text: "valid, first secret"}, {Label: "Size", Text: "1,204 bytes"}, {Label: "From", Text: "203.0.113.40"}, {Label: "SHA-256", Copy: ui.Copy{Label: "hash", Text: "5d41402abc4b2a76b9719d911017c592"}}},
		Elements: append([]views.DeliveryElement{}, WebhooksPage().Rows[2].Elements...), Body: sampleBody, BodyNote: "Shown indented; stored byte for byte.",
		Replay: &views.FormAction{Href: href.Replay("wh_0931"), Label: "Replay"},
	}
	detail.Elements[0].PBX = ui.Link{Label: "Not known"}
	detail.Elements[1].Snapshot = ui.Link{Label: "sn_0039", Href: href.Snapshot(4832, "sn_0039")}
	return []Screen{
		screen("webhooks", shell, views.Webhooks, WebhooksPage()),
		screen("webhooks-broken", shell, views.Webhooks, silent),
		screen("webhooks-empty", shell, views.Webhooks, none),
		screen("webhook", Shell("Delivery", views.SectionWebhooks, "/webhooks/wh_0931"), views.Webhook, detail),
	}
}

func settingsScreens() []Screen {
	waiting := views.WebhookSetupPage{
		URL: "http://127.0.0.1:8080/hooks/ycm", Live: "webhooks", Secret: ui.Badge{Tone: ui.Bad, Label: "Not set"}, Fixed: "Every report is refused until it is.",
		Add: &views.NewWebhookSecret{Button: "Set the secret", Suggest: ui.Link{Label: "Make one up", Href: "/settings/webhook?suggest=yes"}, Secret: ui.Field{Name: "secret", Label: "The secret that YCM shows", Type: "password", Error: "At least 16 characters; YCM's have 32."},
			Errors: []ui.FieldError{{Field: "secret", Message: "At least 16 characters; YCM's have 32."}}},
		Warning: ui.Notice{Tone: ui.Warn, Title: "YCM can't reach this address", Text: "It means this machine alone."},
		Health:  views.WebhookHealth{State: ui.Badge{Tone: ui.Mute, Label: "Nothing yet"}, Sentence: "No report has ever arrived."},
	}
	arrived := views.WebhookSetupPage{
		URL: "https://cordboard.example/hooks/ycm", Live: "webhooks", Secret: ui.Badge{Tone: ui.Ok, Label: "Two are set"}, Fixed: "Both are good, which a rotation needs.",
		Secrets: []views.WebhookSecret{{Name: "Set by ana, 3 May 2026, 14:02:11 UTC", Used: ago(2 * time.Minute), Remove: &views.FormAction{Href: href.WebhookSecretRemove("a1"), Label: "Remove"}},
			{Name: "Set by ben, 4 May 2026, 09:00:00 UTC", Unused: "No report came with it yet.", Remove: &views.FormAction{Href: href.WebhookSecretRemove("b2"), Label: "Remove"}}},
		Health: pulse(), Arrived: true,
	}
	index := views.SettingsPage{Rows: []views.SettingsRow{{Link: ui.Link{Label: "Webhook setup", Href: href.WebhookSetup}, Text: "Reports arrive and are understood.", State: ui.Badge{Tone: ui.Ok, Label: "Healthy"}}}}
	index.Rows = append(index.Rows, views.SettingsRow{Link: ui.Link{Label: "Notifications", Href: href.Notices}, Text: "By e-mail.", State: ui.Badge{Tone: ui.Ok, Label: "On"}})
	copies := views.BackupPage{State: ui.Badge{Tone: ui.Bad, Label: "No fresh backup"}, Sentence: "The last backup failed: The disk is full.", Live: "backup",
		Trouble: ui.Notice{Tone: ui.Bad, Title: "Since 3 May 2026, 14:02:11 UTC", Text: "Look at the folder: is it there, may Cordboard write to it, has its disk room?"},
		Facts:   []ui.Fact{{Label: "Made", Time: ago(30 * time.Hour)}, {Label: "Size", Text: "12.4 MB"}, {Label: "Audit head", Copy: ui.Copy{Label: "the head of its audit log", Text: "1902:" + sealed}}},
		Plan:    []ui.Fact{{Label: "Folder", Text: "/data/backups"}, {Label: "Every", Text: "day"}, {Label: "Kept", Text: "the newest 7"}},
		Make:    &views.FormAction{Href: href.Backups, Label: "Back up now", Text: "It takes as long as copying the database does."},
		Rows:    []views.BackupRow{{File: "cordboard-20260502T080211.250Z.db", Time: ago(30 * time.Hour), Size: "12.4 MB"}}}
	noCopies := views.BackupPage{State: ui.Badge{Tone: ui.Busy, Label: "Waits"}, Sentence: "The first one is made some minutes after the start.", Live: "backup", Plan: copies.Plan, Make: copies.Make,
		Empty: ui.Empty{Title: "No backup is here", Text: "The folder has none yet."}}
	bad := noticesPage()
	bad.Mail.Host.Error = "The name or address of the SMTP server, such as smtp.example."
	bad.Mail.Errors = []ui.FieldError{{Field: "host", Message: bad.Mail.Host.Error}}
	bad.Problem = ui.Notice{Tone: ui.Bad, Title: "The stored settings can't be opened", Text: "Start it with the old key, or enter everything again."}
	bad.Rows = nil
	return []Screen{
		screen("settings-notifications", Shell("Notifications", views.SectionSettings, href.Notices), views.Notices, noticesPage()),
		screen("settings-notifications-422", Shell("Notifications", views.SectionSettings, href.Notices), views.Notices, bad),
		screen("settings-doctor", Shell("Doctor", views.SectionSettings, href.Doctor), views.Doctor, doctorPage()),
		screen("settings-yeastar", Shell("Connection to YCM", views.SectionSettings, href.Yeastar), views.Setting, connectionPage()),
		screen("settings-yeastar-422", Shell("Connection to YCM", views.SectionSettings, href.Yeastar), views.Setting, connectionRefused()),
		screen("settings-yeastar-fixed", Shell("Connection to YCM", views.SectionSettings, href.Yeastar), views.Setting, connectionFixed()),
		screen("settings", Shell("Settings", views.SectionSettings, href.Settings), views.Settings, index),
		screen("settings-backup", Shell("Backups", views.SectionSettings, href.Backups), views.Backup, copies),
		screen("settings-backup-none", Shell("Backups", views.SectionSettings, href.Backups), views.Backup, noCopies),
		screen("settings-webhook", Shell("Webhook setup", views.SectionSettings, href.WebhookSetup), views.WebhookSetup, arrived),
		screen("settings-webhook-waiting", Shell("Webhook setup", views.SectionSettings, href.WebhookSetup), views.WebhookSetup, waiting),
	}
}

func noticesPage() views.NoticesPage {
	test := func(channel string) *views.FormAction {
		return &views.FormAction{Href: href.NoticeTest(channel), Label: "Send a test", Text: "With the saved settings, at once."}
	}
	return views.NoticesPage{
		Live: "notices",
		Common: views.NoticeCommon{
			Kinds: []views.NoticeKind{{Value: "empty_pbx", Label: "A PBX lost all of its numbers.", Text: "Nobody can call it any more.", Chosen: true}, {Value: "drift", Label: "A PBX drifted.", Text: "Somebody else changed its numbers."}},
			Base:  ui.Field{Name: "base_url", Label: "Address of Cordboard", Value: "https://cordboard.example"},
		},
		Webhook: views.NoticeWebhook{
			NoticeChannel: views.NoticeChannel{State: ui.Badge{Tone: ui.Mute, Label: "Off"}},
			URL:           ui.Field{Name: "url", Label: "URL", Placeholder: "https://hooks.example/cordboard"}, Secret: ui.Field{Name: "secret", Label: "Signing secret", Type: "password"},
		},
		Mail: views.NoticeMail{
			NoticeChannel: views.NoticeChannel{On: true, State: ui.Badge{Tone: ui.Ok, Label: "On"}, Test: test("mail"), When: ago(time.Hour),
				Tested: ui.Notice{Tone: ui.Warn, Title: "The last test failed", Text: "Dial failed: connection refused."}},
			Host: ui.Field{Name: "host", Label: "SMTP server", Value: "smtp.example"}, Port: ui.Field{Name: "port", Label: "Port", Type: "number", Value: "587"},
			Security: ui.Select{Name: "security", Label: "Encryption", Options: []ui.Option{{Value: "starttls", Label: "STARTTLS", Selected: true}}},
			Username: ui.Field{Name: "username", Label: "User name"}, Password: ui.Field{Name: "password", Label: "Password", Type: "password", Help: "Set. Leave this empty to keep it; it is never shown."},
			From: ui.Field{Name: "from", Label: "From", Value: "cordboard@example.com"}, To: ui.Field{Name: "to", Label: "To", Rows: "3", Value: "ana@example.com"},
		},
		Rows: []views.NoticeRow{
			{State: ui.Badge{Tone: ui.Bad, Label: "Holds"}, Subject: ui.Link{Label: "Acme HQ drifted", Href: href.PBX(4808)}, Sentence: "2 numbers were removed outside Cordboard.", Opened: ago(2 * time.Hour),
				Messages: []views.NoticeMessage{{State: ui.Badge{Tone: ui.Busy, Label: "Waits"}, Text: "Told by e-mail. Connection refused.", Time: ago(-time.Minute)}}},
			{State: ui.Badge{Tone: ui.Mute, Label: "Over"}, Subject: ui.Link{Label: "The webhook path looks broken", Href: href.Webhooks}, Sentence: "Yeastar did not report a change.", Opened: ago(9 * time.Hour),
				Messages: []views.NoticeMessage{{State: ui.Badge{Tone: ui.Ok, Label: "Sent"}, Text: "Told by e-mail. smtp.example took the mail for one person.", Time: ago(9 * time.Hour)}}},
		},
		Empty: ui.Empty{Title: "Nothing to tell", Text: "Nothing has happened that people should hear of."},
	}
}
