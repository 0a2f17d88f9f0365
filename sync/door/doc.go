// Package door keeps the secrets by which the webhook's door knows Yeastar's reports: those of the start,
// which are fixed, or those that people set in the browser, two at a time while one replaces the
// other. It may import fleet, audit and seal.
package door
