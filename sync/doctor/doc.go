// Package doctor says what is wrong with an installation and how to mend it. It decides from facts that others
// gather; it may import fleet.
package doctor
