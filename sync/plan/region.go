package plan

import "strings"

// sameRegion compares region names: the vendor's pages spell one region in several ways
// (contract §4.1).
func sameRegion(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}
