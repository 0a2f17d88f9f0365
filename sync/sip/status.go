package sip

import "fmt"

// Status is the vendor's number for how a trunk stands (contract §4).
type Status int

// The statuses of SIP trunks.
const (
	StatusUnknown       Status = 0
	StatusIdle          Status = 1
	StatusBusy          Status = 2
	StatusUnmonitored   Status = 3
	StatusRegistering   Status = 4
	StatusFailed        Status = 41
	StatusUnreachable   Status = 42
	StatusAccountAway   Status = 43
	StatusDisabled      Status = 44
	StatusAuthorization Status = 45
)

// Health sorts statuses by what they mean for calls.
type Health string

// The healths. Trying may become either.
const (
	Up      Health = "up"
	Trying  Health = "trying"
	Down    Health = "down"
	Off     Health = "off"
	Unclear Health = "unclear"
)

// Health is what the status means for calls.
func (s Status) Health() Health {
	switch s {
	case StatusIdle, StatusBusy, StatusUnmonitored:
		return Up
	case StatusRegistering:
		return Trying
	case StatusFailed, StatusUnreachable, StatusAccountAway, StatusAuthorization:
		return Down
	case StatusDisabled:
		return Off
	}
	return Unclear
}

// Words is the status for people.
func (s Status) Words() string {
	switch s {
	case StatusUnknown:
		return "Status unknown"
	case StatusIdle:
		return "Up"
	case StatusBusy:
		return "Up, in a call"
	case StatusUnmonitored:
		return "Up, not monitored"
	case StatusRegistering:
		return "Registering"
	case StatusFailed:
		return "Registration failed"
	case StatusUnreachable:
		return "Unreachable"
	case StatusAccountAway:
		return "Nobody registered"
	case StatusDisabled:
		return "Disabled"
	case StatusAuthorization:
		return "Name or password refused"
	}
	return fmt.Sprintf("Status %d", int(s))
}
