package team

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// pace says how many tries are free and how the wait grows after them: it doubles with
// every try, from first to most. A key that was silent for forget starts anew.
type pace struct {
	free   int
	first  time.Duration
	most   time.Duration
	forget time.Duration
}

var (
	// perPerson is for one username from one address: a person who mistypes.
	perPerson = pace{free: 5, first: time.Second, most: 15 * time.Minute, forget: time.Hour}
	// perAddress is for one address over all usernames: somebody who tries names. It is
	// wide and its wait short, since a whole office may share an address.
	perAddress = pace{free: 50, first: time.Second, most: time.Minute, forget: time.Hour}
)

// throttleKeys bounds the memory of a Throttle. Past it the keys that were silent longest
// are forgotten.
const throttleKeys = 20_000

// Throttle slows down guessing at the sign-in form and at the setup code. It counts by
// (username, address) and by address, never by username alone: an attacker elsewhere can
// not lock a colleague out. IPv6 addresses count by /64, which is what one customer gets.
// The zero value is ready; it is safe for concurrent use. Counts live in memory only.
type Throttle struct {
	mu    sync.Mutex
	tries map[throttleKey]tries
}

type throttleKey struct {
	person   bool   // false: all usernames of the network
	username string // empty unless person
	network  netip.Prefix
}

type tries struct {
	count int
	last  time.Time // when the last counted try was made
	told  bool      // a refusal since then was told of
}

// Try counts a try at now and returns 0, or counts nothing and returns how long to wait
// before the next one (for Retry-After). Call it before checking the password, so that
// tries sent all at once are counted too. Usernames that do not exist count alike.
func (t *Throttle) Try(username string, address netip.Addr, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	person, everybody := keysOf(username, address)
	wait := max(perPerson.wait(t.tries[person], now), perAddress.wait(t.tries[everybody], now))
	if wait > 0 {
		return wait
	}
	t.count(person, perPerson, now)
	t.count(everybody, perAddress, now)
	return 0
}

func (t *Throttle) count(key throttleKey, p pace, now time.Time) {
	if t.tries == nil {
		t.tries = make(map[throttleKey]tries)
	}
	if len(t.tries) >= throttleKeys {
		t.shrink()
	}
	t.tries[key] = p.next(t.tries[key], now)
}

// TryAccount is Try for what only the owner of an account should come to, wherever they are: the second
// step of a sign-in. It counts for the account alone, so that nobody's tries hold up a colleague.
func (t *Throttle) TryAccount(username string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	account := accountKey(username)
	if wait := perPerson.wait(t.tries[account], now); wait > 0 {
		return wait
	}
	t.count(account, perPerson, now)
	return 0
}

// AccountSucceeded forgets the tries of an account.
func (t *Throttle) AccountSucceeded(username string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.tries, accountKey(username))
}

// accountKey is unlike that of any username, which has no space.
func accountKey(username string) throttleKey {
	return throttleKey{person: true, username: "account " + username}
}

// FirstRefusal reports, after Try refused, whether it is the first refusal at that address since a try
// was counted there: the one worth a row in the record.
func (t *Throttle) FirstRefusal(address netip.Addr) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, everybody := keysOf("", address)
	all := t.tries[everybody]
	first := !all.told
	if t.tries != nil {
		all.told = true
		t.tries[everybody] = all
	}
	return first
}

// Succeeded forgets the tries of a username from an address, after the password was right.
// The address keeps its count, less this one try: one good account must not buy an
// attacker free tries at the others.
func (t *Throttle) Succeeded(username string, address netip.Addr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	person, everybody := keysOf(username, address)
	delete(t.tries, person)
	if all, ok := t.tries[everybody]; ok && all.count > 0 {
		all.count--
		t.tries[everybody] = all
	}
}

// shrink drops the half of the keys that were silent longest.
func (t *Throttle) shrink() {
	keys := slices.SortedFunc(maps.Keys(t.tries), func(a, b throttleKey) int {
		return t.tries[a].last.Compare(t.tries[b].last)
	})
	for _, k := range keys[:len(keys)/2] {
		delete(t.tries, k)
	}
}

// wait returns how long a key with that record must wait at now. A clock that was set
// back makes nobody wait longer than the longest wait.
func (p pace) wait(v tries, now time.Time) time.Duration {
	if v.count < p.free || now.Sub(v.last) >= p.forget {
		return 0
	}
	wait := p.first
	for range v.count - p.free {
		if wait *= 2; wait >= p.most {
			wait = p.most
			break
		}
	}
	return min(max(0, v.last.Add(wait).Sub(now)), p.most)
}

func (p pace) next(v tries, now time.Time) tries {
	if now.Sub(v.last) >= p.forget {
		return tries{count: 1, last: now}
	}
	return tries{count: v.count + 1, last: now}
}

func keysOf(username string, address netip.Addr) (person, everybody throttleKey) {
	bits := 32
	if address = address.Unmap().WithZone(""); address.Is6() {
		bits = 64
	}
	network, _ := address.Prefix(bits) // the invalid address has the zero prefix: one key for all of them
	if len(username) > MaxUsername {
		username = username[:MaxUsername] // no such user; keeps the memory bounded
	}
	return throttleKey{person: true, username: strings.Clone(username), network: network}, throttleKey{network: network}
}
