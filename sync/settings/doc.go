// Package settings keeps what admins set in the browser: the connection to YCM, the guard, the schedule and
// the home region. What was given at the start, by a flag or a variable, wins and can't be changed. It may import
// fleet, plan for the guard, phone for countries, and audit.
package settings
