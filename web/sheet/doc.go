// Package sheet reads the CSV files that people keep in spreadsheets, and writes cells that
// spreadsheets leave alone. It forgives what spreadsheets do to a file by themselves (encodings,
// separators, line ends, quotes, a column more) and refuses what may have changed a value: a cell
// is text or it has a [Fault], never a guess. It imports nothing of ours.
package sheet
