package transport

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"

	"cordboard/yeastar"
)

// fate watches one HTTP request leave. Until net/http has written the complete
// request header into the connection's buffer, nothing that a server could act
// on has gone out; from that moment on we must assume that it has.
type fate struct{ left atomic.Bool }

// watch gives a context that reports to f.
func (f *fate) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { f.left.Store(true) },
	})
}

// sent tells the fate of a request that got no usable answer.
func (f *fate) sent() yeastar.Sent {
	if f.left.Load() {
		return yeastar.SentUnknown
	}
	return yeastar.SentNo
}
