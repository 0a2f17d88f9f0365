// Package yeastar holds what the packages below it share: the error type with a
// write's fate, and secrets that do not print. They are the vendor side of
// Cordboard and know nothing of the rest of it.
//
//	yeastar/ycm          the Yeastar Central Management (YCM) API
//	yeastar/pseries      a PBX's own API, directly or through YCM
//	yeastar/event        what YCM pushes: signature and reports
//	yeastar/yeastartest  a simulator of the vendor
//	yeastar/internal     transport (tokens, rate, retries, redaction) and lenient JSON types
//
// It may import the standard library only; packages below it may import each
// other, backoff/v5, x/time/rate and x/sync.
//
// # Vendor page, method, doubt
//
// The pages are those of "YCM API"; the doubts are the rows of the contract
// notes' table of open questions, with what the client does about them.
//
//	Request / Refresh Access Token        every call        older tokens may die (4): one token per client, one renewal at a time
//	Query All the Cloud PBXs (v2)         ycm.ListPBXs      pages shift: the listing is proved complete, or is an error
//	Query a Specific Cloud PBX by ID      ycm.PBX
//	Query a Specific Cloud PBX by URL     ycm.PBXByURL      an answer without data is no proof of absence
//	Query the Status of a Cloud PBX       ycm.PBXStatus
//	Create a Cloud PBX (seed 001)         ycm.CreatePBX     no idempotency key: a lost answer is settled by the URL (15, 23)
//	Update / Resize a Cloud PBX           ycm.UpdatePBX, ycm.ResizePBX
//	                                                        neither is a patch: what is left out is lost
//	Start / Stop / Delete Cloud PBXs      ycm.StartPBX, ycm.StopPBX, ycm.DeletePBX
//	                                                        done after the answer (15, 16): watch the status; one id per deletion
//	Query / Update the Customers of a PBX ycm.CustomersOfPBX, ycm.SetCustomersOfPBX
//	Send an Activation Email              ycm.SendActivationMail
//	Query Available Regions, Domain Names, Firmwares
//	                                      ycm.Regions, ycm.Domains, ycm.Firmwares
//	Query All the / a Specific Customer   ycm.ListCustomers, ycm.Customer
//	Create a Customer                     ycm.CreateCustomer
//	Query All the Provisioning Templates  ycm.Templates
//	Query the Subscription                ycm.Subscription  what is left is the vendor's word alone, or not known
//	Update the DID Bindings (seed 000)    ycm.UpdateDIDBindings, ycm.ClearDIDBindings
//	                                                        overwrites (7); omitted headers (8) and firmware (11) are the caller's to decide
//	Query Available Shared Trunks         ycm.AvailableTrunks
//	Query All the Shared Trunks           ycm.SharedTrunks  object or array: both are read
//	Query a Specific Shared Trunk         ycm.SharedTrunk   the field of the custom SIP headers (12) is found by shape, else unknown
//	Query the Status of a Shared Trunk    ycm.SharedTrunkStatus
//	Query Assigned Shared Trunks          ycm.TrunksUsedBy
//	Query All the DID Numbers             ycm.ListDIDs, ycm.SearchDIDs
//	                                                        what a search matches (25) is not trusted: filter the result
//	Query a Specific DID Number           ycm.DID           unassigned (14): null, "", "0" and absent
//	Query Assigned DID Numbers            ycm.DIDsOfPBX     flat, with repeats, without trunks; a missing list is an error
//	Query Available DID Numbers of Trunk  ycm.UsableDIDs    may or may not hold the PBX's own (13)
//	Error Code                            yeastar.Error     body (1) and HTTP status (2) are read leniently; HTTP 200 with Failed is a failure
//	Monitor Events via Webhook            event.Verify      nothing signed binds time: replays verify
//	PCE DID Change (seed 002)             event.Parse
//	PCE Capacity Change                   event.Parse       recognised, not read
//
// The pages of the "P-Series Cloud Edition" developer guide:
//
//	Authorization Rule, Get / Refresh / Revoke Access Token
//	                                      every direct call, pseries.Client.Close
//	                                                        eight tokens, five failed logins: one pair per PBX, kept; one refusal stops
//	Query Trunk List, Search Specific Trunks
//	                                      pseries.ListTrunks, SearchTrunks
//	Query Information of a / Multiple Trunks
//	                                      pseries.Trunk, Trunks
//	                                                        object or array, any key may be missing, passwords in clear
//	Edit a SIP Trunk (seed 003)           pseries.UpdateTrunk
//	                                                        only what changes; lists whole
//	Query Extension List, Query Extension Group List, Query PBX Information
//	                                      pseries.ListExtensions, ListGroups, System
//	Error Code and Error Message          yeastar.Error     with ByPBX; HTTP 200 says nothing
//	Call Cloud PBX's GET / POST API       ycm.Relay         errors of YCM and of the PBX are told apart
package yeastar
