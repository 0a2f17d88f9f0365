// Package ycm is the client of the Yeastar Central Management Open API: Cloud
// PBXs, shared trunks, DID numbers, and the DID bindings of a PBX. One file per
// resource; the vendor page behind each method stands in its comment and in the
// table of package yeastar.
//
// It may import the standard library and cordboard/yeastar/... only.
package ycm
