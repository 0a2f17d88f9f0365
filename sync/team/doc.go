// Package team says who may act: users and their roles, the rules for names and
// passwords, sign-in sessions, the one-time code of the first setup, and the
// throttle in front of the sign-in form.
//
// It decides and keeps nothing on disk: storage is the business of package db, cookies
// that of package web. Whatever depends on the clock takes the time as a parameter.
//
// It may import the standard library and the argon2id hash, and nothing of Cordboard.
package team
