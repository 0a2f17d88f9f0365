// Package phone reads phone numbers the way people write them: with +, with 00, nationally, with
// spaces and brackets. It gives the keys under which a number is stored and found, and a form fit
// for reading. It imports nothing of ours.
package phone
