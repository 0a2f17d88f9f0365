package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// servePocketBase runs PocketBase with a collection for reports and one for numbers, open to
// everybody. synchronous is NORMAL, as it ships, or FULL.
func servePocketBase(dir, address, synchronous string) error {
	app := pocketbase.NewWithConfig(pocketbase.Config{
		DefaultDataDir: dir, HideStartBanner: true,
		DBConnect: func(path string) (*dbx.DB, error) {
			// Its own settings (core.DefaultDBConnect), with another synchronous.
			pragmas := "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)" +
				"&_pragma=synchronous(%s)&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)"
			return dbx.Open("sqlite", path+fmt.Sprintf(pragmas, synchronous))
		},
	})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.InstallerFunc = nil
		if err := collections(e.App); err != nil {
			return err
		}
		e.Router.POST("/fill", func(r *core.RequestEvent) error {
			if err := fillPocketBase(e.App); err != nil {
				return err
			}
			return r.NoContent(http.StatusNoContent)
		})
		return e.Next()
	})
	return apis.Serve(app, apis.ServeConfig{HttpAddr: address})
}

func collections(app core.App) error {
	if _, err := app.FindCollectionByNameOrId("reports"); err == nil {
		return nil
	}
	open := types.Pointer("")
	reports := core.NewBaseCollection("reports")
	reports.ListRule, reports.CreateRule = open, open
	reports.Fields.Add(
		&core.TextField{Name: "event"}, &core.TextField{Name: "sn"}, &core.NumberField{Name: "updateTime"},
		&core.JSONField{Name: "trunkDidInfoList", MaxSize: 8 << 20},
	)
	numbers := core.NewBaseCollection("numbers")
	numbers.ListRule = open
	numbers.Fields.Add(&core.TextField{Name: "number"}, &core.NumberField{Name: "pbx"}, &core.NumberField{Name: "trunk"})
	numbers.AddIndex("numbers_by_number", false, "number", "")
	if err := app.Save(reports); err != nil {
		return err
	}
	return app.Save(numbers)
}

// fillPocketBase makes as many numbers as the largest database of Cordboard has.
func fillPocketBase(app core.App) error {
	_, err := app.DB().NewQuery(strings.ReplaceAll(`
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $n)
		INSERT INTO numbers (id, number, pbx, trunk)
		SELECT printf('n%014d', i), printf('+44%010d', i * 7919 % 9999991 * 997), i / 100, i % 20 FROM n`, "$n", fmt.Sprint(sizes[1]))).Execute()
	return err
}

// peer is a running PocketBase; nil when it is left out.
type peer struct {
	*process
	source *reports
}

func (b bench) peer(synchronous string, numbers int) (*peer, error) {
	if b.alone {
		return nil, nil
	}
	dir, err := b.folder(fmt.Sprint("pocketbase", synchronous, numbers))
	if err != nil {
		return nil, err
	}
	p, err := startPocketBase(dir, synchronous)
	return &peer{process: p, source: newReports(fleetSize, numbers)}, err
}

// measure stores reports as records and keeps the best rate.
func (p *peer) measure(best *float64, clients int, limit time.Duration, ceiling int) error {
	if p == nil {
		return nil
	}
	requests, err := p.source.records(ceiling)
	if err != nil {
		return err
	}
	m, err := load(p.address, clients, limit, requests)
	*best = max(*best, m.perSecond)
	return err
}

func (p *peer) close() error {
	if p == nil {
		return nil
	}
	return p.stop()
}
