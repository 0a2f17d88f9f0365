// Package event reads what YCM pushes: it verifies the signature of a webhook
// body and parses DID-change reports (seed 002), element by element, and
// recognises capacity reports. It decides nothing about what a report means.
//
// It may import the standard library and cordboard/yeastar only.
package event
