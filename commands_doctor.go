package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"cordboard/sync/doctor"
	"cordboard/sync/fleet"
	"cordboard/web"
)

type doctorCommand struct{ JSON bool }

// somethingWrong is the exit code of doctor when something is wrong.
const somethingWrong exitCode = 1

// Run says what is wrong with the installation in --data, beside a running server too. It makes one sign-in at YCM.
func (d doctorCommand) Run(ctx context.Context, c config, s streams) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	log := newLog(c, s.err)
	key, err := open(c, log)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	st, err := assemble(ctx, c, key, &web.Hub{}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	_, refused := st.Cloud.CountDIDs(ctx) // it tells the clock, and whether the sign-in is good
	facts, err := st.Examine(ctx)
	if err != nil {
		return err
	}
	if told, ok := errors.AsType[*fleet.Error](refused); ok && facts.Trouble == "" {
		facts.Trouble = told.Msg
	}
	found := doctor.Examine(facts)
	if err := d.print(found, s.out); err != nil {
		return err
	}
	if doctor.Worst(found) == doctor.Wrong {
		return somethingWrong
	}
	return nil
}

func (d doctorCommand) print(found []doctor.Finding, out io.Writer) error {
	if d.JSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(map[string]any{"level": doctor.Worst(found), "findings": found})
	}
	for _, f := range found {
		fmt.Fprintf(out, "%-5s  %s: %s\n", f.Level, f.Check, f.What)
		if f.Mend != "" {
			fmt.Fprintf(out, "       %s\n", f.Mend)
		}
	}
	return nil
}
