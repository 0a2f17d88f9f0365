// Package backup makes copies of the database by a schedule or when asked, keeps the newest of them, and knows
// how the last attempt ended. It may import fleet and audit.
package backup
