// Command bench measures Cordboard beside the bare disk and PocketBase, all in one run on one
// machine, and tells it as Markdown. Absolute figures are for the reader's own machine; only the
// ratios, which docs/performance.md speaks of, mean something elsewhere.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) (err error) {
	if len(args) == 4 && args[0] == "pocketbase" {
		return servePocketBase(args[1], args[2], args[3])
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	program := flags.String("program", "", "the binary of Cordboard")
	only := flags.String("only", "", "measure this alone: ingest, browse, pages, search, storage, start or sweep")
	limit := flags.Duration("for", time.Second, "length of each load")
	parent := flags.String("dir", "", "make the databases below this folder, on the disk to be measured")
	out := flags.String("out", "", "write the figures to this file too")
	alone := flags.Bool("alone", false, "leave PocketBase out")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *program == "" {
		return errors.New("--program is missing")
	}
	dir, err := os.MkdirTemp(*parent, "cordboard-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var told bytes.Buffer
	b := bench{program: *program, dir: dir, limit: *limit, alone: *alone, out: io.MultiWriter(os.Stdout, &told)}
	if err := b.all(*only); err != nil {
		return err
	}
	if *out == "" {
		return nil
	}
	return os.WriteFile(*out, told.Bytes(), 0o644)
}

// all measures every part, or one.
func (b bench) all(only string) error {
	for _, part := range []struct {
		name string
		run  func() error
	}{{"ingest", b.ingest}, {"browse", b.browse}, {"pages", b.pages}, {"search", b.search}, {"storage", b.storage}, {"start", b.start}, {"sweep", b.sweep}} {
		if only != "" && only != part.name {
			continue
		}
		if err := part.run(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}
