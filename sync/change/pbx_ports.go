package change

import (
	"context"
	"time"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
	"cordboard/sync/job"
)

// The pages and scripts that create PBXs and run their life start from two places: the vocabulary of
// fleet (PBXSpec, PBXCapacity, PBXFeatures, PBXDetail, the choices, and Check* for what is wrong with
// them, field by field in the vendor's names), and the asks and ports of this file. Every act is
// checked while its caller waits, and then is a stored job with steps.

// CreateAsk asks for a new PBX.
type CreateAsk struct {
	Spec fleet.PBXSpec
	Bind []fleet.Binding // its first numbers, bound by a plan once it runs; none is fine
	Mail bool            // send the activation mail to its customers at the end
	Key  string          // names the form that was submitted; empty = whoever asks for the same is the same
}

// UpdateAsk asks for a name and switches. What Features leaves unsaid is taken from the read and
// from what was stated before; what neither tells is an error at its field.
type UpdateAsk struct {
	PBX      fleet.PBXID
	Features fleet.PBXFeatures
	Base     string // what was seen ([View.Base]): moved since → KindStale; empty = not compared
}

// ResizeAsk asks for another capacity.
type ResizeAsk struct {
	PBX             fleet.PBXID
	Extensions      int64
	ConcurrentCalls int64
	Recording       fleet.Switch // with 0 minutes Off, else On
	Minutes         int64        // recording minutes
	Transcription   *int64       // extra AI minutes; nil = those that are there
	Lower           bool         // fewer recording minutes than now are meant: without it they are an error
	Base            string
}

// CustomersAsk asks for customers more or fewer; the vendor's list is overwritten whole, so it is
// read again right before.
type CustomersAsk struct {
	PBX    fleet.PBXID
	Add    []fleet.CustomerID
	Remove []fleet.CustomerID
}

// View is a PBX as an edit shows it: straight from the cloud, with what no read tells as it was last
// stated here.
type View struct {
	Detail    fleet.PBXDetail
	Features  fleet.PBXFeatures // read, and stated where no read tells
	Customers []fleet.CustomerID
	Base      string
}

// PBXReader reads single PBXs straight from the cloud. KindNotFound is the vendor's own word.
type PBXReader interface {
	Detail(ctx context.Context, id fleet.PBXID) (fleet.PBXDetail, error)
	// AtURL reads the PBX that has an address, in any case of its letters.
	AtURL(ctx context.Context, url string) (fleet.PBXDetail, error)
	CustomersOf(ctx context.Context, id fleet.PBXID) ([]fleet.CustomerID, error)
}

// Maker creates PBXs and ends them. No method is ever repeated by itself.
type Maker interface {
	// CreatePBX answers the new id. KindUnavailable: certainly nothing was made; KindRefused: the
	// vendor said no; anything else: nobody knows yet.
	CreatePBX(ctx context.Context, s fleet.PBXSpec) (fleet.PBXID, fleet.Receipt, error)
	DeletePBX(ctx context.Context, id fleet.PBXID) (fleet.Receipt, error)
	StartPBX(ctx context.Context, id fleet.PBXID) (fleet.Receipt, error)
	StopPBX(ctx context.Context, id fleet.PBXID) (fleet.Receipt, error)
}

// Editor changes a PBX that is there, with errors as of [Maker].
type Editor interface {
	UpdatePBX(ctx context.Context, id fleet.PBXID, f fleet.PBXFeatures) (fleet.Receipt, error)
	ResizePBX(ctx context.Context, id fleet.PBXID, c fleet.PBXCapacity) (fleet.Receipt, error)
	SetCustomers(ctx context.Context, id fleet.PBXID, list []fleet.CustomerID) (fleet.Receipt, error)
	// SendActivation answers the addresses that mails went to.
	SendActivation(ctx context.Context, id fleet.PBXID, to []fleet.CustomerID) ([]string, fleet.Receipt, error)
}

// CustomerMaker creates customers, and lists them to settle a creation whose answer was lost.
type CustomerMaker interface {
	CreateCustomer(ctx context.Context, x fleet.Customer) (fleet.CustomerID, fleet.Receipt, error)
	Customers(ctx context.Context) ([]fleet.Customer, error)
}

// Offers are what there is to choose for a new PBX, as of a moment ago at most.
type Offers interface {
	Choices(ctx context.Context, region fleet.RegionID) (fleet.Choices, error)
	// Spent says that something took from the subscription, or gave back to it.
	Spent()
	// Joined says that there is a new customer.
	Joined()
}

// Catalogue is our own record of single PBXs.
type Catalogue interface {
	// KeepPBX keeps a direct read; reports that came before their PBX was known are taken up.
	KeepPBX(ctx context.Context, p fleet.PBX) error
	PBX(ctx context.Context, id fleet.PBXID) (fleet.PBXRow, error)
	// Stated is what people last stated of a PBX; the zero value when nobody did.
	Stated(ctx context.Context, id fleet.PBXID) (fleet.PBXFeatures, error)
	KeepStated(ctx context.Context, id fleet.PBXID, f fleet.PBXFeatures, at time.Time) error
}

// Ledger is what is known of a PBX's bindings.
type Ledger interface {
	Known(ctx context.Context, id fleet.PBXID) (fleet.Known, error)
}

// Queue stores jobs and begins them.
type Queue interface {
	// Submit answers the job that has the same key already, if there is one.
	Submit(ctx context.Context, j job.Job, acts ...audit.Entry) (job.Job, error)
}

// JobBook reads jobs. KindNotFound for a key that no job has.
type JobBook interface {
	JobByKey(ctx context.Context, key string) (job.Job, error)
}

// Recorder extends the audit log.
type Recorder interface {
	AppendAudit(ctx context.Context, e audit.Entry) error
}
