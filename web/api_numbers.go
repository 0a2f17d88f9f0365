package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"cordboard/sync/fleet"
	"cordboard/web/form"
)

type holdingJSON struct {
	Number    string        `json:"number"`
	DIDID     fleet.DIDID   `json:"did_id"`
	TrunkID   fleet.TrunkID `json:"trunk_id"`
	PBX       fleet.PBXID   `json:"pbx_id"`
	PBXName   string        `json:"pbx_name"`
	TrunkName string        `json:"trunk_name"`
	From      *time.Time    `json:"from"`
	FromExact bool          `json:"from_exact"`
	// FromEarliest is null when the record of the PBX begins with From.
	FromEarliest *time.Time `json:"from_earliest"`
	To           *time.Time `json:"to"`
	ToExact      bool       `json:"to_exact"`
	ToEarliest   *time.Time `json:"to_earliest"`
	Certain      bool       `json:"certain"`
	Asked        string     `json:"asked,omitempty"` // the line of a list that this answers
}

func holdingOf(h fleet.Holding) holdingJSON {
	return holdingJSON{
		Number: h.Number, DIDID: h.DID, TrunkID: h.Trunk, PBX: h.PBX, PBXName: h.PBXName, TrunkName: h.TrunkName,
		From: moment(h.From), FromExact: h.FromExact, FromEarliest: moment(h.FromEarliest),
		To: moment(h.To), ToExact: h.ToExact(), ToEarliest: moment(h.ToEarliest), Certain: h.Sure,
	}
}

// whereaboutsJSON is the answer to a list of numbers.
type whereaboutsJSON struct {
	listJSON[holdingJSON]
	Unheld     []unheldJSON `json:"unheld"`
	NotFound   []string     `json:"not_found"`
	Unreadable []string     `json:"unreadable"`
	More       []string     `json:"more"`
}

type unheldJSON struct {
	Asked  string       `json:"asked"`
	Number string       `json:"number"`
	DIDID  fleet.DIDID  `json:"did_id"`
	Before *holdingJSON `json:"before"`
	After  *holdingJSON `json:"after"`
}

func whereaboutsOf(answers []fleet.Whereabouts) whereaboutsJSON {
	out := whereaboutsJSON{listJSON: listJSON[holdingJSON]{Items: []holdingJSON{}}, Unheld: []unheldJSON{}, NotFound: []string{}, Unreadable: []string{}, More: []string{}}
	for _, a := range answers {
		for _, h := range a.Held {
			item := holdingOf(h)
			item.Asked = a.Asked
			out.Items = append(out.Items, item)
		}
		for _, u := range a.Unheld {
			out.Unheld = append(out.Unheld, unheldJSON{a.Asked, u.Then, u.ID, neighbourOf(u.Before), neighbourOf(u.After)})
		}
		switch {
		case !a.Readable:
			out.Unreadable = append(out.Unreadable, a.Asked)
		case len(a.Held)+len(a.Unheld) == 0:
			out.NotFound = append(out.NotFound, a.Asked)
		case a.More:
			out.More = append(out.More, a.Asked)
		}
	}
	out.Total = len(out.Items)
	return out
}

func neighbourOf(h *fleet.Holding) *holdingJSON {
	if h == nil {
		return nil
	}
	out := holdingOf(*h)
	return &out
}

// timesOf reads the time that a question asks about: at, or from and to, or now.
func timesOf(read func(name string) (time.Time, error)) (when fleet.When, err error) {
	at, err := read("at")
	if err != nil {
		return when, err
	}
	if when.From, err = read("from"); err != nil {
		return when, err
	}
	if when.To, err = read("to"); err != nil {
		return when, err
	}
	const msg = "Ask about one moment, or about the time between two."
	switch {
	case !at.IsZero() && !when.Now():
		return when, fleet.Invalid("web.timesOf", msg, fleet.Field{Name: "at", Rule: "Not together with from and to."})
	case !when.To.IsZero() && when.To.Before(when.From):
		return when, fleet.Invalid("web.timesOf", msg, fleet.Field{Name: "to", Rule: "Not before from."})
	case !at.IsZero():
		when = fleet.At(at)
	}
	return when, nil
}

func (s *Server) apiNumbers(c echo.Context) error {
	page, err := pageRequest(c)
	if err != nil {
		return err
	}
	when, err := timesOf(func(name string) (time.Time, error) { return queryTime(c, name) })
	if err != nil {
		return err
	}
	lines := askedLines(strings.Join(c.QueryParams()["number"], "\n"))
	if len(lines) != 1 {
		return s.answerList(c, "number", lines, when)
	}
	found, err := s.Search.FindNumbers(c.Request().Context(), lines[0], when, page)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, jsonList(c, found, holdingOf))
}

// askedLines are the numbers of a text. What has nothing of a list in it is one line, whatever it is.
func askedLines(text string) []string {
	lines := form.Lines(text)
	if text = strings.TrimSpace(text); len(lines) == 0 && text != "" {
		return []string{text}
	}
	return lines
}

// apiNumberList answers lists that are too long for an address.
func (s *Server) apiNumberList(c echo.Context) error {
	var in struct {
		Numbers []string `json:"numbers"`
		At      string   `json:"at"`
		From    string   `json:"from"`
		To      string   `json:"to"`
	}
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	texts := map[string]string{"at": in.At, "from": in.From, "to": in.To}
	when, err := timesOf(func(name string) (time.Time, error) { return readTime(name, texts[name]) })
	if err != nil {
		return err
	}
	return s.answerList(c, "numbers", in.Numbers, when)
}

func (s *Server) answerList(c echo.Context, field string, lines []string, when fleet.When) error {
	if len(lines) == 0 {
		return fleet.Invalid("web.apiNumbers", "Which number?", fleet.Field{Name: field, Rule: "A number in any format, or a part of one."})
	}
	if len(lines) > form.MaxLines {
		return fleet.Invalid("web.apiNumbers", "That is too long a list.", fleet.Field{Name: field, Rule: fmt.Sprintf("At most %d numbers at once.", form.MaxLines)})
	}
	answers, err := s.Search.Whereabouts(c.Request().Context(), lines, when, answersEach)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, whereaboutsOf(answers))
}

type protectionJSON struct {
	Protected bool `json:"protected"`
}

func (s *Server) apiProtect(c echo.Context) error {
	id, err := pathID[fleet.DIDID](c, "did", "The number")
	if err != nil {
		return err
	}
	var in struct {
		Protected *bool `json:"protected"`
	}
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	if in.Protected == nil {
		return fleet.Invalid("web.apiProtect", "Protected or not?", fleet.Field{Name: "protected", Rule: "true or false"})
	}
	if err := s.protect(c, id, *in.Protected); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, protectionJSON{*in.Protected})
}
