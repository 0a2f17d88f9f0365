package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"cordboard/yeastar"
)

// maxBody is the largest answer that is read, after decompression.
const maxBody = 8 << 20

// errTooLarge says that an answer is over maxBody.
var errTooLarge = errors.New("the answer is larger than 8 MiB")

// outgoing is one HTTP request, complete but for the base URL.
type outgoing struct {
	method, path string
	query        url.Values
	contentType  string
	body         []byte
	bearer       string
	// inQuery is the access token of a PBX, which travels in the URL.
	inQuery string
	timeout time.Duration
}

// reply is an HTTP answer read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
	at     time.Time
}

// ok reports a 2xx status.
func (r reply) ok() bool { return r.status >= 200 && r.status <= 299 }

// exchange sends one request once and reads its answer. The failure it gives
// tells the request's fate.
func (c *Client) exchange(ctx context.Context, out outgoing) (reply, *failure) {
	ctx, cancel := context.WithTimeout(ctx, out.timeout)
	defer cancel()
	var f fate
	req, err := c.request(f.watch(ctx), out)
	if err != nil {
		return reply{}, c.broken(yeastar.KindInvalid, yeastar.SentNo, "the request cannot be built", err)
	}
	client := c.reads
	if out.method != http.MethodGet {
		client = c.writes
	}
	res, err := client.Do(req)
	if err != nil {
		return reply{}, c.broken(yeastar.KindUnavailable, f.sent(), "no answer", err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = errTooLarge
	}
	if err != nil {
		kind := yeastar.KindMalformed
		if ctx.Err() != nil {
			kind = yeastar.KindUnavailable
		}
		fail := c.broken(kind, yeastar.SentUnknown, "the answer cannot be read to its end", err)
		fail.err.HTTPStatus = res.StatusCode
		fail.transient = !errors.Is(err, errTooLarge)
		return reply{}, fail
	}
	r := reply{status: res.StatusCode, header: res.Header, body: body, at: c.now()}
	if r.status >= 300 && r.status <= 399 {
		// The API has no redirects, and following one would carry the token, or a
		// write, to a place that nobody configured.
		return reply{}, c.unreadable(r, "a redirect, which is not followed", nil)
	}
	return r, nil
}

// request builds the HTTP request. It has no GetBody: net/http sends a request
// again by itself only when it can rewind the body or when the method is a read,
// and a write must leave once.
func (c *Client) request(ctx context.Context, out outgoing) (*http.Request, error) {
	u := *c.base
	u.Path += out.path
	u.RawQuery = out.rawQuery()
	req, err := http.NewRequestWithContext(ctx, out.method, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("new request: %w", err)
	}
	if out.body != nil {
		req.Body = io.NopCloser(bytes.NewReader(out.body))
		req.ContentLength = int64(len(out.body))
		req.Header.Set("Content-Type", out.contentType)
	}
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", "application/json")
	if out.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+out.bearer)
	}
	return req, nil
}

// rawQuery is the query string, with the token first where it travels there.
func (o outgoing) rawQuery() string {
	q := o.query.Encode()
	if o.inQuery == "" {
		return q
	}
	token := "access_token=" + url.QueryEscape(o.inQuery)
	if q == "" {
		return token
	}
	return token + "&" + q
}

// broken is the failure of a request without a complete answer.
func (c *Client) broken(kind yeastar.Kind, sent yeastar.Sent, msg string, cause error) *failure {
	return &failure{
		err:       &yeastar.Error{Kind: kind, Sent: sent, Msg: msg, Err: c.redact.cleanError(cause)},
		transient: kind == yeastar.KindUnavailable,
	}
}
