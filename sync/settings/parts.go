package settings

import (
	"time"

	"cordboard/sync/plan"
)

// Part is a group of values that is shown, changed and recorded together.
type Part string

// The parts. Their names stand in addresses.
const (
	Connection Part = "yeastar"
	Limits     Part = "guard"
	Schedule   Part = "sync"
	Dialling   Part = "numbers"
)

// Parts are all parts.
func Parts() []Part { return []Part{Connection, Limits, Schedule, Dialling} }

// Field is one value, as forms and JSON call it.
type Field string

// The fields of all parts.
const (
	BaseURL      Field = "base_url"
	ClientID     Field = "client_id"
	ClientSecret Field = "client_secret"
	Rate         Field = "rate_per_minute"
	MaxShare     Field = "max_share"
	MaxCount     Field = "max_count"
	Lifetime     Field = "draft_lifetime"
	Interval     Field = "reconcile_interval"
	StaleAfter   Field = "stale_after"
	HomeRegion   Field = "home_region"
)

// All is what holds now.
type All struct {
	Yeastar Yeastar
	Guard   Guard
	Sync    Sync
	Numbers Numbers
}

// Yeastar is how YCM is reached. Without an id Cordboard is not connected.
type Yeastar struct {
	BaseURL  string
	ClientID string
	Secret   Secret
	Rate     int // requests per minute
}

// Guard is what a plan may take away without a reason, and how long a draft may wait.
type Guard struct {
	MaxShare int // percent of a PBX's numbers
	MaxCount int // numbers
	Lifetime time.Duration
}

// Sync is when passes run, and how old knowledge may get.
type Sync struct {
	Interval   time.Duration // 0: no pass starts by itself
	StaleAfter time.Duration // 0: three intervals, and half an hour at least
}

// Numbers is how national forms are read.
type Numbers struct {
	HomeRegion string // ISO country; empty: none are
}

// Plan is the guard as plans know it.
func (g Guard) Plan() plan.Guard { return plan.Guard{MaxShare: g.MaxShare, MaxCount: g.MaxCount} }

// staleIntervals is how many missed passes make knowledge stale; staleAtLeast is the least age, for when passes
// are rare or never start by themselves.
const (
	staleIntervals = 3
	staleAtLeast   = 30 * time.Minute
)

// Stale is the age from which knowledge is stale.
func (s Sync) Stale() time.Duration {
	if s.StaleAfter > 0 {
		return s.StaleAfter
	}
	return max(staleIntervals*s.Interval, staleAtLeast)
}

// Defaults are what holds where nothing was given and nothing set.
func Defaults() All {
	return All{
		Yeastar: Yeastar{BaseURL: "https://ycm.yeastar.com", Rate: 100},
		Guard:   Guard{MaxShare: plan.DefaultGuard.MaxShare, MaxCount: plan.DefaultGuard.MaxCount, Lifetime: 30 * time.Minute},
		Sync:    Sync{Interval: 10 * time.Minute},
	}
}
