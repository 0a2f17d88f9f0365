package main

import (
	"errors"
	"time"

	"cordboard/sync/sso"
	"cordboard/sync/team"
	"cordboard/yeastar"
)

// oidcConfig is what the command line says of single sign-on.
type oidcConfig struct {
	Issuer        string
	ClientID      string
	ClientSecret  yeastar.Secret
	GroupsClaim   string
	AdminGroup    string
	OperatorGroup string
	ViewerGroup   string
}

// provider is the identity provider of the settings; nil when there is none.
func (c config) provider() (*sso.Provider, error) {
	o := c.OIDC
	if o.Issuer == "" {
		if o.ClientID != "" {
			return nil, errors.New("a client id is given, and no issuer")
		}
		return nil, nil
	}
	return sso.New(sso.Config{
		Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), GroupsClaim: o.GroupsClaim,
		Groups: map[team.Role]string{team.Admin: o.AdminGroup, team.Operator: o.OperatorGroup, team.Viewer: o.ViewerGroup}, Now: time.Now,
	})
}
