// Package bulk holds a spreadsheet of bindings against what is known: every row gets a verdict, and
// every PBX that the rows name becomes a request for one plan, or is left alone with the reason. The
// rows of a PBX are the whole list that it shall have; PBXs without rows are not touched.
//
// It is pure: no clock, no database, no log. It may import fleet only.
package bulk
