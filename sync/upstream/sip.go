package upstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/sip"
	"cordboard/yeastar"
	"cordboard/yeastar/pseries"
	"cordboard/yeastar/ycm"
)

// AccessBook keeps how PBXs' own APIs are reached, and what is known of the PBXs.
type AccessBook interface {
	PBX(ctx context.Context, id fleet.PBXID) (fleet.PBXRow, error)
	// AllTrunks are the shared trunks that YCM lists: their names tell which of a PBX's trunks are shared.
	AllTrunks(ctx context.Context) ([]fleet.Trunk, error)
	// PBXAccess answers YCM's relay for a PBX that nobody set anything for.
	PBXAccess(ctx context.Context, id fleet.PBXID) (sip.Kept, error)
	KeepPBXAccess(ctx context.Context, k sip.Kept, e audit.Entry) error
	KeepPBXToken(ctx context.Context, id fleet.PBXID, sealed []byte) error
}

// Sealer keeps the secrets of PBXs unreadable at rest.
type Sealer interface {
	Seal(name string, plain []byte) []byte
	Open(name string, sealed []byte) ([]byte, error)
}

// PBXAPIDeps is what a PBXAPI works with.
type PBXAPIDeps struct {
	Cloud  *Cloud
	Book   AccessBook
	Sealer Sealer // nil: without a key of the installation no PBX is reached directly
	// Mark tells equal passwords of a trunk from different ones; nil: passwords leave no mark.
	Mark func(id fleet.PBXID, trunk sip.TrunkID, password string) string
	Now  func() time.Time
	Log  *slog.Logger
	// Rate is how many calls a minute one PBX gets from us; 0: five a second (contract pseries-api §10).
	Rate int
	// Tune changes the settings of direct clients; nil: nothing.
	Tune func(*pseries.Direct)
}

// PBXAPI is the PBXs' own API in our words: one client for each PBX, kept as long as its access stays the
// same, since each direct one holds one of the PBX's eight tokens.
type PBXAPI struct {
	d PBXAPIDeps

	mu      sync.Mutex
	held    map[fleet.PBXID]*held
	changes map[fleet.PBXID]int // how often a PBX's access was changed
	closing sync.WaitGroup
	closed  bool
}

// held is the client of one PBX, and how its last call went.
type held struct {
	client *pseries.Client
	// through is YCM's client, where that passes calls on; nil at the PBX's own address.
	through *ycm.Client
	access  sip.Access
	serial  string
	store   *tokenShelf
	known   atomic.Bool // it has proved to be the PBX that it should be
	// trouble is why the last call failed for a reason that would meet any other call too, "" when it did not.
	trouble atomic.Pointer[string]
}

// NewPBXAPI checks the dependencies.
func NewPBXAPI(d PBXAPIDeps) (*PBXAPI, error) {
	if d.Cloud == nil || d.Book == nil || d.Now == nil || d.Log == nil {
		return nil, errors.New("upstream: a field of PBXAPIDeps is nil")
	}
	return &PBXAPI{d: d, held: map[fleet.PBXID]*held{}, changes: map[fleet.PBXID]int{}}, nil
}

// Close hands all tokens back, within ctx. No call comes after it.
func (p *PBXAPI) Close(ctx context.Context) {
	p.mu.Lock()
	p.closed = true
	all := p.held
	p.held = map[fleet.PBXID]*held{}
	p.mu.Unlock()
	slots := make(chan struct{}, handBacks)
	for id, h := range all {
		slots <- struct{}{}
		p.release(ctx, id, h, func() { <-slots })
	}
	p.closing.Wait()
}

// handBacks is how many tokens go back at the same time.
const handBacks = 16

// release hands the token of a client back, behind whoever asked, and says when it is done.
func (p *PBXAPI) release(ctx context.Context, id fleet.PBXID, h *held, done func()) {
	p.closing.Go(func() {
		defer done()
		if err := h.client.Close(ctx); err != nil {
			p.d.Log.Info("a token could not be handed back; it ends by itself within half an hour", "pbx", id, "error", err)
		}
	})
}

// drop forgets the client of a PBX, whose access changed.
func (p *PBXAPI) drop(ctx context.Context, id fleet.PBXID) {
	p.mu.Lock()
	h := p.held[id]
	delete(p.held, id)
	p.changes[id]++
	p.mu.Unlock()
	if h == nil {
		return
	}
	if h.store != nil {
		h.store.over.Store(true)
	}
	p.release(context.WithoutCancel(ctx), id, h, func() {})
}

// client gives the client of a PBX, made when there is none. Making one sends nothing; one that was made while
// the access changed is thrown away.
func (p *PBXAPI) client(ctx context.Context, op string, id fleet.PBXID) (*held, error) {
	for {
		h, change, err := p.ready(op, id)
		if h != nil || err != nil {
			return h, err
		}
		made, err := p.connect(ctx, op, id)
		if err != nil {
			return nil, err
		}
		p.mu.Lock()
		if p.held[id] == nil && p.changes[id] == change && !p.closed {
			p.held[id] = made
		}
		p.mu.Unlock()
	}
}

// ready gives the client that there is, nil when there is none, and how often the access was changed so far.
func (p *PBXAPI) ready(op string, id fleet.PBXID) (*held, int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, 0, &fleet.Error{Kind: fleet.KindUnavailable, Op: op, Msg: "Cordboard is shutting down."}
	}
	h := p.held[id]
	if h != nil && h.through != nil && h.through != p.d.Cloud.ycm.Load() {
		delete(p.held, id) // another connection to YCM was set
		h = nil
	}
	return h, p.changes[id], nil
}

// connect makes the client of a PBX.
func (p *PBXAPI) connect(ctx context.Context, op string, id fleet.PBXID) (*held, error) {
	row, err := p.d.Book.PBX(ctx, id)
	if err != nil {
		return nil, err
	}
	kept, err := p.d.Book.PBXAccess(ctx, id)
	if err != nil {
		return nil, err
	}
	h := &held{access: kept.Access, serial: row.Serial}
	if kept.Way == sip.Relay {
		through, err := p.d.Cloud.client(op)
		if err != nil {
			return nil, err
		}
		if row.Serial == "" {
			return nil, &fleet.Error{Kind: fleet.KindUnavailable, Op: op, Msg: "YCM has not told the serial number of this PBX yet, and passes calls on by it."}
		}
		h.through = through
		if h.client, err = pseries.NewRelay(pseries.Relay{YCM: through, Serial: row.Serial, RatePerMinute: p.d.Rate}); err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		return h, nil
	}
	secret, err := p.secret(kept)
	if err != nil {
		return nil, err
	}
	h.store = &tokenShelf{api: p, id: id}
	cfg := pseries.Direct{BaseURL: kept.BaseURL, ClientID: kept.ClientID, ClientSecret: secret, PinSHA256: kept.Pin, CAPEM: kept.CA,
		Tokens: h.store, Key: id.String(), Log: p.d.Log}
	cfg.RatePerMinute = p.d.Rate
	if p.d.Tune != nil {
		p.d.Tune(&cfg)
	}
	if h.client, err = pseries.NewDirect(cfg); err != nil {
		return nil, &fleet.Error{Kind: fleet.KindUnavailable, Op: op, Msg: "What is stored of this PBX's access can't be used. Set it again.", Err: err}
	}
	return h, nil
}

// ask makes one call to a PBX, and keeps how it went.
func (p *PBXAPI) ask(ctx context.Context, op string, id fleet.PBXID, call func(*pseries.Client) error) (*held, error) {
	h, err := p.client(ctx, op, id)
	if err != nil {
		return nil, err
	}
	if err = h.identify(ctx, op); err == nil {
		err = call(h.client)
	}
	h.note(op, err)
	return h, err
}

// identify makes sure, once, that the PBX at an address that a person typed is the one that is meant. A PBX
// that does not tell who it is is believed.
func (h *held) identify(ctx context.Context, op string) error {
	if h.access.Way == sip.Relay || h.known.Load() {
		return nil
	}
	system, err := h.client.System(ctx)
	switch y, _ := errors.AsType[*yeastar.Error](err); {
	case err == nil && system.Serial != "" && h.serial != "" && system.Serial != h.serial:
		return &fleet.Error{Kind: fleet.KindDenied, Op: op,
			Msg: fmt.Sprintf("The PBX at %s is another one: its serial number is %s, not %s. Nothing was changed there.", h.access.BaseURL, system.Serial, h.serial)}
	case err == nil, y != nil && y.ByPBX && (y.Kind == yeastar.KindRefused || y.Code == 10005 || y.Code == 10009):
		h.known.Store(true)
		return nil
	}
	return unsentBy(err)
}

// unsentBy is the failure of a call that had to come before another one, which was not sent then.
func unsentBy(err error) error {
	y, ok := errors.AsType[*yeastar.Error](err)
	if !ok {
		return err
	}
	before := *y
	before.Sent = yeastar.SentNo
	return &before
}

// note keeps why no call would do better now, and forgets it once one did.
func (h *held) note(op string, err error) {
	y, ok := errors.AsType[*yeastar.Error](err)
	switch {
	case err == nil, ok && y.ByPBX && !hopeless(y):
		h.trouble.Store(nil)
	default:
		words := message(h.readError(op, err))
		h.trouble.Store(&words)
	}
}

// hopeless reports whether the PBX itself turned us away, whatever was asked.
func hopeless(y *yeastar.Error) bool {
	switch y.Kind {
	case yeastar.KindCredentials, yeastar.KindDenied, yeastar.KindStopped, yeastar.KindThrottled, yeastar.KindUnavailable:
		return true
	}
	return false
}

// tokenShelf keeps the token pair of one PBX, sealed. over says that its access was changed: what the old
// client still has to keep would belong to something else.
type tokenShelf struct {
	api  *PBXAPI
	id   fleet.PBXID
	over atomic.Bool
}

// LoadToken gives what was kept, nothing when it can't be opened any more.
func (s *tokenShelf) LoadToken(ctx context.Context, _ string) (yeastar.Secret, error) {
	kept, err := s.api.d.Book.PBXAccess(ctx, s.id)
	if err != nil || kept.Token == nil {
		return yeastar.Secret{}, err
	}
	plain, err := s.api.d.Sealer.Open(tokenName(s.id), kept.Token)
	return yeastar.NewSecret(string(plain)), err
}

// SaveToken keeps a pair; the zero Secret forgets it.
func (s *tokenShelf) SaveToken(ctx context.Context, _ string, pair yeastar.Secret) error {
	if s.over.Load() {
		return nil
	}
	var sealed []byte
	if !pair.IsZero() {
		sealed = s.api.d.Sealer.Seal(tokenName(s.id), []byte(pair.Reveal()))
	}
	return s.api.d.Book.KeepPBXToken(ctx, s.id, sealed)
}

func tokenName(id fleet.PBXID) string  { return "pbx_access.token " + id.String() }
func secretName(id fleet.PBXID) string { return "pbx_access.secret " + id.String() }

// secret opens the client secret of a direct access.
func (p *PBXAPI) secret(kept sip.Kept) (yeastar.Secret, error) {
	const op = "upstream.PBXAPI"
	switch {
	case p.d.Sealer == nil:
		return yeastar.Secret{}, &fleet.Error{Kind: fleet.KindUnavailable, Op: op, Msg: noKey}
	case kept.Secret == nil:
		return yeastar.Secret{}, &fleet.Error{Kind: fleet.KindUnavailable, Op: op, Msg: "The PBX's client secret is not stored. Set it under API access."}
	}
	plain, err := p.d.Sealer.Open(secretName(kept.PBX), kept.Secret)
	if err != nil {
		return yeastar.Secret{}, &fleet.Error{Kind: fleet.KindUnavailable, Op: op, Err: err,
			Msg: "The PBX's client secret can't be opened with the key that Cordboard was started with. Start it with the old key, or set the secret again."}
	}
	return yeastar.NewSecret(string(plain)), nil
}

const noKey = "Without a key of this installation no secret of a PBX can be kept, so PBXs are reached through YCM only."
