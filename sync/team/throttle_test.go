package team

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"
)

var (
	office = netip.MustParseAddr("192.0.2.10")
	home   = netip.MustParseAddr("198.51.100.7")
)

func TestAPersonWhoMistypesHasFiveFreeTries(t *testing.T) {
	var th Throttle
	for i := range perPerson.free {
		if wait := th.Try("anna", office, day); wait != 0 {
			t.Fatalf("try %d waits %s", i+1, wait)
		}
	}
	if wait := th.Try("anna", office, day); wait != time.Second {
		t.Errorf("the sixth try waits %s, want a second", wait)
	}
	if wait := th.Try("anna", office, day.Add(time.Second)); wait != 0 {
		t.Errorf("after the wait: %s more", wait)
	}
	if wait := th.Try("anna", office, day.Add(time.Second)); wait != 2*time.Second {
		t.Errorf("the next wait is %s, want double", wait)
	}
}

func TestTheWaitGrowsToAQuarterOfAnHourAndNoFurther(t *testing.T) {
	var th Throttle
	now, longest := day, time.Duration(0)
	for range 60 {
		wait := th.Try("anna", office, now)
		longest = max(longest, wait)
		now = now.Add(wait)
	}
	if longest != 15*time.Minute {
		t.Errorf("the longest wait is %s", longest)
	}
}

func TestGuessingElsewhereDoesNotLockOutAColleague(t *testing.T) {
	var th Throttle
	for range 1000 {
		th.Try("anna", home, day)
	}
	if th.Try("anna", home, day) == 0 {
		t.Fatal("the guesser does not wait")
	}
	if wait := th.Try("anna", office, day); wait != 0 {
		t.Errorf("anna waits %s at another address", wait)
	}
	if wait := th.Try("bela", home, day); wait != 0 {
		t.Errorf("bela, at the guesser's address, waits %s though few names were tried", wait)
	}
}

func TestOneAddressCanNotTryManyNames(t *testing.T) {
	var th Throttle
	let := 0
	for i := range 1000 {
		if th.Try(fmt.Sprintf("user%d", i), home, day) == 0 {
			let++
		}
	}
	if let != perAddress.free {
		t.Errorf("%d names could be tried at once, want %d", let, perAddress.free)
	}
	if wait := th.Try("anna", office, day); wait != 0 {
		t.Errorf("another address waits %s", wait)
	}
}

func TestARightPasswordMakesTheNextTriesFree(t *testing.T) {
	var th Throttle
	for range 100 {
		if wait := th.Try("anna", office, day); wait != 0 {
			t.Fatalf("anna waits %s though she gives the right password each time", wait)
		}
		th.Succeeded("anna", office)
	}
}

func TestARightPasswordDoesNotGiveAGuesserFreeTriesAtOtherNames(t *testing.T) {
	var th Throttle
	let := 0
	for i := range 1000 {
		if th.Try(fmt.Sprintf("victim%d", i), home, day) == 0 {
			let++
		}
		if th.Try("mallory", home, day) == 0 {
			th.Succeeded("mallory", home)
		}
	}
	if let > perAddress.free {
		t.Errorf("%d names could be tried", let)
	}
}

func TestTriesAreForgottenAfterAnHour(t *testing.T) {
	var th Throttle
	for range 6 {
		th.Try("anna", office, day)
	}
	for i := range perPerson.free {
		if wait := th.Try("anna", office, day.Add(time.Hour)); wait != 0 {
			t.Fatalf("try %d an hour later waits %s", i+1, wait)
		}
	}
}

func TestAClockThatIsSetBackMakesNobodyWaitForDays(t *testing.T) {
	var th Throttle
	for range 6 {
		th.Try("anna", office, day)
	}
	if wait := th.Try("anna", office, day.Add(-48*time.Hour)); wait <= 0 || wait > perPerson.most {
		t.Errorf("the wait is %s", wait)
	}
}

func TestOneIPv6CustomerIsOneAddress(t *testing.T) {
	var th Throttle
	let := 0
	for i := range 100 {
		if th.Try("anna", netip.MustParseAddr(fmt.Sprintf("2001:db8:1:2::%x", i+1)), day) == 0 {
			let++
		}
	}
	if let != perPerson.free {
		t.Errorf("%d tries from one /64, want %d", let, perPerson.free)
	}
	if wait := th.Try("anna", netip.MustParseAddr("2001:db8:1:3::1"), day); wait != 0 {
		t.Errorf("the neighbour waits %s", wait)
	}
	if wait := th.Try("anna", netip.MustParseAddr("::ffff:192.0.2.10"), day); wait != 0 {
		t.Errorf("an IPv4 address waits %s", wait)
	}
}

func TestAnUnknownAddressIsThrottledToo(t *testing.T) {
	var th Throttle
	for range 5 {
		th.Try("anna", netip.Addr{}, day)
	}
	if th.Try("anna", netip.Addr{}, day) == 0 {
		t.Error("tries without an address are free")
	}
}

func TestTheSetupCodeIsThrottledUnderTheEmptyName(t *testing.T) {
	var th Throttle
	let := 0
	for range 100 {
		if th.Try("", office, day) == 0 {
			let++
		}
	}
	if let != perPerson.free {
		t.Errorf("%d free tries, want %d", let, perPerson.free)
	}
}

func TestTriesSentAllAtOnceAreCounted(t *testing.T) {
	var th Throttle
	var all sync.WaitGroup
	let := make(chan struct{}, 100)
	for range 100 {
		all.Go(func() {
			if th.Try("anna", office, day) == 0 {
				let <- struct{}{}
			}
		})
	}
	all.Wait()
	if len(let) != perPerson.free {
		t.Errorf("%d of 100 tries at once were let through, want %d", len(let), perPerson.free)
	}
}

func TestTheMemoryOfTheThrottleIsBounded(t *testing.T) {
	var th Throttle
	for i := range 3 * throttleKeys {
		address := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		th.Try("anna", address, day.Add(time.Duration(i)*time.Millisecond))
	}
	if len(th.tries) > throttleKeys+1 {
		t.Errorf("%d keys are kept", len(th.tries))
	}
	last := netip.AddrFrom4([4]byte{10, 0, byte((3*throttleKeys - 1) >> 8), byte((3*throttleKeys - 1) & 255)})
	if key, _ := keysOf("anna", last); th.tries[key].count != 1 {
		t.Error("the newest key was forgotten")
	}
}
