package yeastartest

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Delivery is one copy of a report on its way to one webhook.
type Delivery struct {
	URL      string
	Report   Report
	State    DeliveryState
	Attempts []Attempt
}

// Attempt is one post of a delivery. Status is 0 when Err is set.
type Attempt struct {
	At     time.Time
	Status int
	Err    error
}

// DeliveryState is how far a delivery came.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryPending DeliveryState = "pending"
	DeliveryHeld    DeliveryState = "held"
	DeliveryDropped DeliveryState = "dropped"
	DeliveryDone    DeliveryState = "delivered"
	DeliveryFailed  DeliveryState = "failed"
)

// AddWebhook configures a webhook. There can be five at most; the secret cannot
// be empty (YCM makes 32 characters).
func (s *Server) AddWebhook(url, secret string) error {
	if url == "" || secret == "" {
		return errors.New("yeastartest: a webhook needs a URL and a secret")
	}
	c := s.mail
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.hooks) >= maxWebhooks {
		return fmt.Errorf("yeastartest: YCM takes %d webhooks at most", maxWebhooks)
	}
	c.hooks = append(c.hooks, &hook{url: url, secret: secret})
	return nil
}

// SetWebhookSecret regenerates the secret of the webhooks with a URL. Reports
// that were not sent yet are signed with the new one.
func (s *Server) SetWebhookSecret(url, secret string) {
	s.mail.mu.Lock()
	defer s.mail.mu.Unlock()
	for _, h := range s.mail.hooks {
		if h.url == url {
			h.secret = secret
		}
	}
}

// RemoveWebhooks forgets all webhooks; what is under way is still delivered.
func (s *Server) RemoveWebhooks() {
	s.mail.mu.Lock()
	defer s.mail.mu.Unlock()
	s.mail.hooks = nil
}

// SetWebhookPolicy changes how reports travel from now on. What is on hold stays
// there until Release.
func (s *Server) SetWebhookPolicy(p WebhookPolicy) {
	s.mail.mu.Lock()
	defer s.mail.mu.Unlock()
	s.mail.policy = p.withDefaults()
}

// Release sends the reports that are on hold or collected for reordering.
func (s *Server) Release() {
	s.mail.mu.Lock()
	defer s.mail.mu.Unlock()
	for _, h := range s.mail.hooks {
		s.mail.release(h)
	}
}

// Deliveries are the latest deliveries, oldest first: up to 4,096.
func (s *Server) Deliveries() []Delivery {
	s.mail.mu.Lock()
	defer s.mail.mu.Unlock()
	kept := s.mail.log.items()
	out := make([]Delivery, len(kept))
	for i, d := range kept {
		out[i] = *d
		out[i].Attempts = slices.Clone(d.Attempts)
	}
	return out
}
