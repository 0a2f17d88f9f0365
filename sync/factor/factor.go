package factor

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/seal"
	"cordboard/sync/team"
)

// Vault keeps second factors. Every method is one transaction, with its audit entry.
type Vault interface {
	// Factor answers KindNotFound for a user who has none.
	Factor(ctx context.Context, id team.UserID) (team.Factor, error)
	KeepFactor(ctx context.Context, id team.UserID, f team.Factor, codes []team.KeyHash, e audit.Entry) error
	KeepCodes(ctx context.Context, id team.UserID, codes []team.KeyHash, e audit.Entry) error
	DropFactor(ctx context.Context, id team.UserID, e audit.Entry) error
	// SpendStep uses a time step up, once: false when it, or a later one, was used.
	SpendStep(ctx context.Context, id team.UserID, step int64) (bool, error)
	// SpendCode uses a recovery code up, once.
	SpendCode(ctx context.Context, id team.UserID, code team.KeyHash) (bool, error)
}

// Keeper sets up and checks second factors.
type Keeper struct {
	vault  Vault
	sealer *seal.Sealer
	now    func() time.Time
}

// New returns a Keeper.
func New(vault Vault, sealer *seal.Sealer, now func() time.Time) (*Keeper, error) {
	if vault == nil || sealer == nil || now == nil {
		return nil, errors.New("factor.New: something is nil")
	}
	return &Keeper{vault, sealer, now}, nil
}

// The times of RFC 6238 as every app knows them: a code is good for 30 seconds, and one step before
// and after for clocks that differ.
const (
	period = 30
	skew   = 1
	digits = otp.DigitsSix
)

// ErrWrong is a code that does not count: wrong, too old, or used before.
var ErrWrong = errors.New("factor: this code does not count")

// Offer is a second factor that was made, but not proven to be in the person's app yet.
type Offer struct {
	Key    string // for typing, in groups of four
	Image  []byte // the same as a QR code, PNG
	Sealed string // the same for the form that comes back
}

// secretName is under which a user's secret is sealed.
func secretName(id team.UserID) string { return fmt.Sprintf("factor.sealed.%d", id) }

// Offer makes a new secret. Nothing is stored.
func (k *Keeper) Offer(u team.User) (Offer, error) {
	secret := make([]byte, 20)
	rand.Read(secret)
	return k.offer(u, secret)
}

// Reopen is the offer that a form brought back, when it was made for that user.
func (k *Keeper) Reopen(u team.User, sealed string) (Offer, error) {
	secret, err := k.reopen(u.ID, sealed)
	if err != nil {
		return Offer{}, err
	}
	return k.offer(u, secret)
}

func (k *Keeper) reopen(id team.UserID, sealed string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err == nil {
		raw, err = k.sealer.Open(secretName(id), raw)
	}
	if err != nil {
		return nil, fleet.Invalid("factor.Reopen", "This code picture is not valid any more. Begin again.", fleet.Field{Name: "code", Rule: "Scan the new picture."})
	}
	return raw, nil
}

func (k *Keeper) offer(u team.User, secret []byte) (Offer, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Cordboard", AccountName: u.Name, Secret: secret, Period: period, Digits: digits, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return Offer{}, fmt.Errorf("factor.Offer: %w", err)
	}
	picture, err := picture(key)
	if err != nil {
		return Offer{}, fmt.Errorf("factor.Offer: %w", err)
	}
	return Offer{Key: grouped(key.Secret()), Image: picture, Sealed: base64.RawURLEncoding.EncodeToString(k.sealer.Seal(secretName(u.ID), secret))}, nil
}

// The size of the picture, and of the white around it that scanners need.
const (
	pictureSize = 192
	quiet       = 16
)

func picture(key *otp.Key) ([]byte, error) {
	code, err := key.Image(pictureSize, pictureSize)
	if err != nil {
		return nil, err
	}
	framed := image.NewPaletted(image.Rect(0, 0, pictureSize+2*quiet, pictureSize+2*quiet), color.Palette{color.White, color.Black})
	draw.Draw(framed, image.Rect(quiet, quiet, quiet+pictureSize, quiet+pictureSize), code, code.Bounds().Min, draw.Src)
	var file bytes.Buffer
	err = png.Encode(&file, framed)
	return file.Bytes(), err
}

func grouped(text string) string {
	var b strings.Builder
	for i, c := range text {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Enable stores an offered secret once the person has shown a code of it, and answers with the
// recovery codes, which are not kept.
func (k *Keeper) Enable(ctx context.Context, by audit.By, u team.User, sealed, code string) ([]string, error) {
	secret, err := k.reopen(u.ID, sealed)
	if err != nil {
		return nil, err
	}
	step, ok := k.step(secret, code)
	if !ok {
		return nil, fleet.Invalid("factor.Enable", "The second factor was not set up.", fleet.Field{Name: "code", Rule: "This is not the code that the app shows now. Is the phone's clock right?"})
	}
	shown, hashes := newCodes()
	f := team.Factor{Sealed: k.sealer.Seal(secretName(u.ID), secret), Step: step, MadeAt: k.now()}
	return shown, k.vault.KeepFactor(ctx, u.ID, f, hashes, k.entry(by, audit.FactorSet, u))
}

// Renew replaces the recovery codes.
func (k *Keeper) Renew(ctx context.Context, by audit.By, u team.User) ([]string, error) {
	if _, err := k.vault.Factor(ctx, u.ID); err != nil {
		return nil, err
	}
	shown, hashes := newCodes()
	return shown, k.vault.KeepCodes(ctx, u.ID, hashes, k.entry(by, audit.FactorCodes, u))
}

// Drop takes a user's second factor away.
func (k *Keeper) Drop(ctx context.Context, by audit.By, u team.User) error {
	return k.vault.DropFactor(ctx, u.ID, k.entry(by, audit.FactorDrop, u))
}

// Of is a user's second factor; KindNotFound when there is none.
func (k *Keeper) Of(ctx context.Context, id team.UserID) (team.Factor, error) {
	return k.vault.Factor(ctx, id)
}

// Check takes a code of the app, or a recovery code, and uses it up. ErrWrong when it does not count.
func (k *Keeper) Check(ctx context.Context, id team.UserID, typed string) (recovery bool, err error) {
	f, err := k.vault.Factor(ctx, id)
	if err != nil {
		return false, err
	}
	typed = plain(typed)
	if len(typed) == recoveryLength {
		spent, err := k.vault.SpendCode(ctx, id, team.Key(typed).Hash())
		if err == nil && !spent {
			err = ErrWrong
		}
		return true, err
	}
	secret, err := k.sealer.Open(secretName(id), f.Sealed)
	if err != nil {
		return false, &fleet.Error{Kind: fleet.KindUnavailable, Op: "factor.Check", Err: err,
			Msg: "The second factor can't be opened with the key that Cordboard was started with. Use a recovery code."}
	}
	step, ok := k.step(secret, typed)
	if !ok {
		return false, ErrWrong
	}
	spent, err := k.vault.SpendStep(ctx, id, step)
	if err == nil && !spent {
		err = ErrWrong
	}
	return false, err
}

// step is the time step whose code was typed, if it is near enough.
func (k *Keeper) step(secret []byte, typed string) (int64, bool) {
	typed = plain(typed)
	now := k.now().Unix() / period
	for _, step := range []int64{now, now - skew, now + skew} {
		ok, err := totp.ValidateCustom(typed, encode(secret), time.Unix(step*period, 0), totp.ValidateOpts{Period: period, Digits: digits, Algorithm: otp.AlgorithmSHA1})
		if err == nil && ok {
			return step, true
		}
	}
	return 0, false
}

func (k *Keeper) entry(by audit.By, action audit.Action, u team.User) audit.Entry {
	return audit.Entry{At: k.now(), Actor: by.Actor, IP: by.IP, Action: action, Target: u.Name, Outcome: audit.Succeeded}
}
