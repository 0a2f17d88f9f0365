// Package notifytest is the test kit of notifications: a receiver of webhooks that checks every
// signature, and an SMTP server that keeps what it is given, both on this machine. Only tests import
// it.
package notifytest
