// Package transport carries calls to YCM: base URL, token life cycle, rate
// budget, retries of reads, envelope, errors, redaction. It knows no resource.
//
// A call passes these hands, in this order:
//
//	Do         retry (reads only)          retry.go
//	 └ authorized   one replay after a rejected token
//	    ├ gate      rate budget and calls in flight, people before background   gate.go
//	    ├ tokens    one token per client, one renewal at a time                 tokens.go
//	    └ exchange  one HTTP request, its fate, its cleaned error               exchange.go
//	       ├ fate.go      did the request leave?
//	       ├ envelope.go  answer → Answer or *yeastar.Error; codes.go: the vendor's code table
//	       └ redact.go    nothing secret in any text
//
// It may import the standard library, package yeastar, yeastar/internal/wire,
// backoff/v5, x/time/rate and x/sync.
package transport
