// Package pseries is the client of a PBX's own API, the Yeastar P-Series OpenAPI v1.0: SIP trunks,
// and what their forms choose from (extensions, groups), and what the PBX says of itself.
//
// A [Client] is one PBX, reached in one of two ways: [NewDirect] at the PBX's own address with the
// PBX's client id and secret, [NewRelay] through YCM by serial number with YCM's. The calls are the
// same; errors with ByPBX come from the PBX, all others from YCM or from nobody.
//
// What the contract leaves open (pseries-api.md §10) is taken the careful way:
//
//	Failures                 come with HTTP 200: the body decides; success is errcode 0 alone
//	PARTIAL, PROCESSING      are errors, yeastar.KindPartial and KindProcessing, of open fate
//	Arrays                   are sent whole; read back what was saved
//	Password                 is never compared or sent back; one masked with * counts as not told
//	Type                     is the word of the PBX; Kind groups peer and peer_*
//	trunk/get                may answer an object or an array
//	Page size                is always 100 or less, and a list is proved complete or an error
//	One refused credential   stops a direct client until Resume: five of them block our address
//	A full token table       (60002) is waited out for minutes, while a token that is still good is used
//
// It may import the standard library and cordboard/yeastar/... only.
package pseries
