// Package ssotest is a small OpenID Connect provider for tests: discovery, keys, the authorization page of
// somebody who agrees at once, and the token endpoint with PKCE. It speaks RS256. It imports nothing of ours.
package ssotest
