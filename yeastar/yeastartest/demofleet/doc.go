// Package demofleet is a believable reseller account for the demo: some forty Cloud PBXs of
// small businesses in three regions, their shared trunks and 1,500 numbers, seven months of what
// people and providers did to them, and a colleague who goes on doing so while the demo runs.
//
// It lives in the simulator of package yeastartest, and everything follows from a seed and a
// moment: the same two give the same fleet and the same history. All businesses and carriers are
// invented. Numbers are from ranges that are kept free for fiction where a country has them
// (Ofcom, Bundesnetzagentur, ARCEP, ACMA, NANPA 555-01xx); Singapore has none.
//
// It may import yeastartest only.
package demofleet
