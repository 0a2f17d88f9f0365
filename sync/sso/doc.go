// Package sso is sign-in at an OpenID Connect provider: authorization code with PKCE, state and nonce,
// an ID token whose signature, issuer, audience and times hold, and groups that become a role.
//
// The provider is looked up when somebody signs in, not at the start: Cordboard runs without it. Who the
// person is here, and what the record says, is for whoever asks.
package sso
