package web

// RouteRow is a line of the route table, for tests that walk it.
type RouteRow struct{ Method, Path, Access string }

// RouteTable is the whole table. None of its handlers can be called.
func RouteTable() []RouteRow {
	var rows []RouteRow
	for _, r := range (&Server{}).routes() {
		rows = append(rows, RouteRow{r.method, r.path, string(r.access)})
	}
	return rows
}

// APITable is the part of the table that openapi.yaml describes.
func APITable() []RouteRow {
	var rows []RouteRow
	for _, r := range (&Server{}).api() {
		rows = append(rows, RouteRow{r.method, r.path, string(r.access)})
	}
	return rows
}

// OwnPath is where a sign-in may lead.
func OwnPath(next string) string { return ownPath(next) }
