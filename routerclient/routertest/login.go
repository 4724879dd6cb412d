package routertest

import (
	"bytes"
	"crypto/subtle"
	"errors"

	"golang.org/x/crypto/ssh"
)

var errRefused = errors.New("credential refused")

func (s *Server) serverConfig() *ssh.ServerConfig {
	o := s.options
	c := &ssh.ServerConfig{Config: o.Algorithms, MaxAuthTries: -1}
	for _, key := range o.HostKeys {
		c.AddHostKey(key)
	}
	if o.Banner != "" {
		c.BannerCallback = func(ssh.ConnMetadata) string { return o.Banner }
	}
	if o.Password == "" && len(o.AuthorizedKeys) == 0 {
		c.NoClientAuth = true
		c.NoClientAuthCallback = s.welcome
		// Package ssh hangs up on a refused user if there is no method left to offer.
		c.PasswordCallback = func(m ssh.ConnMetadata, _ []byte) (*ssh.Permissions, error) { return s.welcome(m) }
	}
	if len(o.AuthorizedKeys) > 0 {
		c.PublicKeyCallback = s.checkKey
	}
	switch {
	case o.Password == "":
	case o.KeyboardInteractive:
		c.KeyboardInteractiveCallback = s.ask
	default:
		c.PasswordCallback = s.checkPassword
	}
	return c
}

// judge lets the user in if the credential is right. A silent server thinks about it until it is closed.
func (s *Server) judge(m ssh.ConnMetadata, right bool) (*ssh.Permissions, error) {
	if s.options.Faults.SilentLogin {
		<-s.ctx.Done()
	}
	if right && (s.options.User == "" || s.options.User == m.User()) {
		return nil, nil
	}
	if s.options.Faults.HangUpOnLogin {
		s.CloseConnections()
	}
	return nil, errRefused
}

func (s *Server) welcome(m ssh.ConnMetadata) (*ssh.Permissions, error) { return s.judge(m, true) }

func (s *Server) checkPassword(m ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
	return s.judge(m, subtle.ConstantTimeCompare(password, []byte(s.options.Password)) == 1)
}

func (s *Server) checkKey(m ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
	for _, authorized := range s.options.AuthorizedKeys {
		if bytes.Equal(authorized.Marshal(), key.Marshal()) {
			return s.judge(m, true)
		}
	}
	return s.judge(m, false)
}

func (s *Server) ask(m ssh.ConnMetadata, challenge ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
	answers, err := challenge("", "", []string{"Password: "}, []bool{false})
	if err != nil {
		return nil, err
	}
	return s.checkPassword(m, []byte(answers[0]))
}
