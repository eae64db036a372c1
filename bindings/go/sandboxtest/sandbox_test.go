package sandboxtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// login asks for a token and returns the status, and the token if there is one.
func login(t *testing.T, s *Sandbox) (int, string) {
	t.Helper()
	body, err := json.Marshal(s.Fields("servetel"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.Client().Post(
		s.BaseURL("servetel")+"/v1/auth/login", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var reply struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&reply); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, reply.AccessToken
}

// protected makes a request with this token to the protected endpoint and returns the status.
func protected(t *testing.T, s *Sandbox, token string) (int, error) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, s.ProtectedURL("servetel"), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := s.Client().Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

func expect(t *testing.T, s *Sandbox, token string, want int) {
	t.Helper()
	if got, err := protected(t, s, token); err != nil || got != want {
		t.Errorf("the protected endpoint: got %d (%v), want %d", got, err, want)
	}
}

func TestAServetelLoginGivesATokenThatTheProtectedEndpointAccepts(t *testing.T) {
	s := Start(t)
	status, token := login(t, s)
	if status != http.StatusOK {
		t.Fatalf("the login: got %d", status)
	}
	expect(t, s, token, http.StatusOK)
	expect(t, s, "made-up", http.StatusUnauthorized)
}

func TestMovingTheClockExpiresATokenOnTheSecond(t *testing.T) {
	s := Start(t)
	s.Admin(http.MethodPost, "/clock", map[string]bool{"freeze": true}, nil)
	_, token := login(t, s)
	s.Admin(http.MethodPost, "/clock", map[string]int{"advance_s": 3599}, nil)
	expect(t, s, token, http.StatusOK)
	s.Admin(http.MethodPost, "/clock", map[string]int{"advance_s": 1}, nil)
	expect(t, s, token, http.StatusUnauthorized)
}

func TestAFaultFailsTheNextRequestAndNotTheOneAfter(t *testing.T) {
	s := Start(t)
	fault := `{"vendor":"servetel","route":"token","times":1,"action":{"type":"status","status":503}}`
	s.Admin(http.MethodPost, "/faults", json.RawMessage(fault), nil)
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusOK} {
		if got, _ := login(t, s); got != want {
			t.Errorf("the login: got %d, want %d", got, want)
		}
	}
}

func TestResetForgetsTokensAndFaultsEvenOneThatLetsNobodyConnect(t *testing.T) {
	s := Start(t)
	_, token := login(t, s)
	fault := `{"action":{"type":"certificate","kind":"expired"}}`
	s.Admin(http.MethodPost, "/faults", json.RawMessage(fault), nil)
	if _, err := protected(t, s, token); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("an expired certificate: got %v", err)
	}
	s.Admin(http.MethodPost, "/reset", nil, nil)
	expect(t, s, token, http.StatusUnauthorized)
	for _, path := range []string{"/tokens", "/faults"} {
		var left []any
		s.Admin(http.MethodGet, path, nil, &left)
		if len(left) != 0 {
			t.Errorf("%s: got %v after a reset", path, left)
		}
	}
}

func TestAMissingBinaryIsReportedWithTheCommandThatBuildsIt(t *testing.T) {
	nowhere := t.TempDir()
	t.Setenv("PATH", nowhere)
	for _, named := range []string{filepath.Join(nowhere, "ccauth"), ""} {
		t.Setenv("CCAUTH_BIN", named)
		found, err := find(nowhere)
		if err == nil || !strings.Contains(err.Error(), "cargo build -p ccauth-cli") {
			t.Errorf("CCAUTH_BIN=%q: got %q, %v", named, found, err)
		}
	}
}
