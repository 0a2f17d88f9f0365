package ycm

import (
	"context"
	"time"

	"cordboard/yeastar/internal/wire"
)

// Amount is one thing that the subscription holds. Left is told by the vendor, never worked out: what
// was assigned to others or is frozen counts too. nil is what the answer did not tell.
type Amount struct{ Total, Used, Left *int64 }

// Subscription is what the account has paid for, and what is left (contract §4.6).
type Subscription struct {
	Extensions      Amount
	ConcurrentCalls Amount
	Recording       Amount // minutes
	Transcription   Amount // minutes
	UltimatePlan    Amount // in a unit that the pages don't name
	Expires         time.Time
	RecordingExpiry time.Time
}

// amountsWire is one of total, used and available.
type amountsWire map[string]wire.Maybe[*wire.Count]

func (w amountsWire) of(name string) *int64 {
	if n := w[name].V; n != nil {
		return new(int64(*n))
	}
	return nil
}

type subscriptionWire struct {
	Capacity *struct {
		Total     wire.Maybe[amountsWire] `json:"total"`
		Used      wire.Maybe[amountsWire] `json:"used"`
		Available wire.Maybe[amountsWire] `json:"available"`
	} `json:"capacity"`
	Expires         wire.Maybe[wire.Time] `json:"expirationTime"`
	RecordingExpiry wire.Maybe[wire.Time] `json:"recordingExpireDate"`
}

// Subscription reads what the account has and has left (vendor page: Query the Subscription).
func (c *Client) Subscription(ctx context.Context) (Subscription, error) {
	const op = "read the subscription"
	a, err := c.get(ctx, op, "/dm/open_api/v1/subscription", nil)
	if err != nil {
		return Subscription{}, err
	}
	w, err := one[subscriptionWire](a.Data)
	if err != nil {
		return Subscription{}, malformed(op, a, err)
	}
	if w.Capacity == nil {
		return Subscription{}, malformed(op, a, errNoData)
	}
	amount := func(name string) Amount {
		return Amount{w.Capacity.Total.V.of(name), w.Capacity.Used.V.of(name), w.Capacity.Available.V.of(name)}
	}
	return Subscription{
		Extensions: amount("extensionCapacity"), ConcurrentCalls: amount("concurrentCallCapacity"), Recording: amount("recordingCapacity"),
		Transcription: amount("transcriptionCapacity"), UltimatePlan: amount("ultimatePlanCapacity"),
		Expires: w.Expires.V.Time, RecordingExpiry: w.RecordingExpiry.V.Time,
	}, nil
}
