package change

import (
	"context"
	"fmt"
	"strings"

	"cordboard/sync/audit"
	"cordboard/sync/fleet"
)

// CreateCustomer creates a customer while its caller waits. A lost answer is settled by looking for the
// e-mail address, which the vendor takes once.
func (l *Lifecycle) CreateCustomer(ctx context.Context, by audit.By, x fleet.Customer) (fleet.Customer, error) {
	const op = "change.CreateCustomer"
	if fields := fleet.CheckCustomer(x); len(fields) > 0 {
		return x, fleet.Invalid(op, "Nothing was sent: the customer is not complete.", fields...)
	}
	ctx = context.WithoutCancel(ctx)
	e := audit.Entry{At: l.now(), Actor: by.Actor, IP: by.IP, Action: audit.CustomerCreate, Target: x.Company, Outcome: audit.Intended, After: document(x)}
	if err := l.d.Record.AppendAudit(ctx, e); err != nil {
		return x, err
	}
	id, receipt, err := l.d.Customers.CreateCustomer(ctx, x)
	lost := err != nil && !unheard(err) && !saidNo(err)
	if lost {
		id, err = l.customerWith(ctx, x.Email, err)
	}
	x.ID, e.At, e.Outcome, e.VendorRequestID, e.After = id, l.now(), audit.Succeeded, receipt.RequestID, document(x)
	switch {
	case err == nil:
		l.d.Offers.Joined()
	case saidNo(err):
		e.Outcome, e.Reason, e.VendorRequestID = audit.Refused, message(err), requestID(err)
	case lost && fleet.KindOf(err) == fleet.KindUnknown:
		e.Outcome, e.Reason = audit.Unknown, message(err)
	default:
		e.Outcome, e.Reason = audit.Failed, message(err)
	}
	if recorded := l.d.Record.AppendAudit(ctx, e); recorded != nil {
		return x, fmt.Errorf("change: how the creation of a customer ended could not be recorded: %w", recorded)
	}
	return x, err
}

// customerWith settles a creation whose answer was lost.
func (l *Lifecycle) customerWith(ctx context.Context, email string, lost error) (fleet.CustomerID, error) {
	all, err := l.d.Customers.Customers(ctx)
	if err != nil {
		return 0, &fleet.Error{Kind: fleet.KindUnknown, Op: "change.CreateCustomer", Err: lost, VendorRequestID: requestID(lost),
			Msg: "It is not known whether the customer was created: the answer was lost, and the customers can't be read. Look for it before you try again."}
	}
	for _, x := range all {
		if strings.EqualFold(x.Email, email) {
			return x.ID, nil
		}
	}
	return 0, &fleet.Error{Kind: fleet.KindUnavailable, Op: "change.CreateCustomer", Err: lost, VendorRequestID: requestID(lost),
		Msg: "The answer was lost, and there is no customer with that e-mail address: it was not created. Try again."}
}
