// Package job runs what takes longer than a request: moving numbers between PBXs, a spreadsheet of
// bindings, the creation of a PBX. A job is stored before its first act and after every step, so
// that one which was under way when the process ended is taken up again at the next start. It may
// import fleet, team and audit.
package job
