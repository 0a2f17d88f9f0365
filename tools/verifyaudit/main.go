// Command verifyaudit checks an audit log that Cordboard exported as JSON lines. It shares no code with Cordboard and
// needs Go's standard library alone, so that whoever doubts the one can read the other: docs/security.md has the format.
//
//	verifyaudit [-filtered] [-head 1234:9f86d0…] audit.jsonl
//
// It exits with 0 when everything is as it was sealed. -filtered allows for rows that a filter left out, -head for a
// head that was kept from an earlier day: the record must still have that row.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// row is what the chain needs of a line.
type row struct {
	Seq  int64  `json:"seq"`
	Prev string `json:"prev"`
	Hash string `json:"hash"`
}

func main() {
	filtered := flag.Bool("filtered", false, "the export had a filter: rows may be missing between others")
	head := flag.String("head", "", "a head kept from an earlier day, as NUMBER:HASH")
	flag.Parse()
	verdict, err := verifyFile(flag.Arg(0), *filtered, *head)
	if err != nil {
		fmt.Fprintln(os.Stderr, "verifyaudit:", err)
		os.Exit(1)
	}
	fmt.Println(verdict)
}

func verifyFile(path string, filtered bool, head string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	rows, err := readRows(file)
	if err != nil {
		return "", err
	}
	return verify(rows, filtered, head)
}

// readRows checks each line for itself.
func readRows(r io.Reader) (rows []row, err error) {
	lines := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, end := lines.ReadBytes('\n')
		if len(line) > 0 {
			one, err := check(bytes.TrimSuffix(line, []byte("\n")))
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", number, err)
			}
			rows = append(rows, one)
		}
		if errors.Is(end, io.EOF) {
			return rows, nil
		}
		if end != nil {
			return nil, end
		}
	}
}

// check holds a line against its own hash: the SHA-256 of the line with its last value, the hash, left empty.
func check(line []byte) (row, error) {
	var one row
	if err := json.Unmarshal(line, &one); err != nil {
		return one, err
	}
	sealed, ok := bytes.CutSuffix(line, []byte(`"hash":"`+one.Hash+`"}`))
	if !ok {
		return one, errors.New("it does not end with its hash")
	}
	sum := sha256.Sum256(append(bytes.Clone(sealed), `"hash":""}`...))
	if hex.EncodeToString(sum[:]) != one.Hash {
		return one, fmt.Errorf("row %d was changed: its hash is not that of its text", one.Seq)
	}
	return one, nil
}

// verify puts the rows in the order of their numbers and holds each against the one before it.
func verify(rows []row, filtered bool, head string) (string, error) {
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.Seq, b.Seq) })
	found := head == ""
	var last row
	for _, r := range rows {
		switch {
		case r.Seq <= last.Seq:
			return "", fmt.Errorf("row %d is there twice", r.Seq)
		case r.Seq == last.Seq+1 && r.Prev != last.Hash:
			return "", fmt.Errorf("row %d does not follow row %d: one of them was put in its place later", r.Seq, last.Seq)
		case r.Seq != last.Seq+1 && !filtered:
			return "", fmt.Errorf("rows %d to %d are missing", last.Seq+1, r.Seq-1)
		}
		if number, hash, _ := strings.Cut(head, ":"); number == fmt.Sprint(r.Seq) {
			if found = r.Hash == hash; !found {
				return "", fmt.Errorf("row %d is not the one of the head that was kept", r.Seq)
			}
		}
		last = r
	}
	if !found {
		return "", fmt.Errorf("the row of the head is missing: the record was cut off after row %d", last.Seq)
	}
	return fmt.Sprintf("%d rows are as they were sealed; the newest is %d:%s", len(rows), last.Seq, last.Hash), nil
}
