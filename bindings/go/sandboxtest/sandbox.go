// Package sandboxtest starts the sandbox of ccauth for a test: five vendors on loopback over TLS.
//
// Everything is for testing only: the credentials are public and the tokens open nothing.
package sandboxtest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// startTime is how long the sandbox may take to start.
	startTime = 10 * time.Second
	// callTime is how long a request may take: more than the sandbox itself waits in an admin call.
	callTime = 30 * time.Second

	hint = "build it with `cargo build -p ccauth-cli`, or name it in CCAUTH_BIN"
)

// Sandbox is a running sandbox. Its methods fail the test when they cannot do what they are asked, so they
// have to be called from the goroutine of the test.
type Sandbox struct {
	// URL is where it listens: https://127.0.0.1:PORT.
	URL string
	// CAFile is a file with the certificate to trust, in PEM.
	CAFile string

	t       testing.TB
	vendors map[string]vendor
	roots   *x509.CertPool
	admin   *http.Client
}

type vendor struct {
	ID           string            `json:"id"`
	BaseURL      string            `json:"base_url"`
	Fields       map[string]string `json:"fields"`
	ProtectedURL string            `json:"protected_url"`
}

// Start starts a sandbox of the test's own, which is killed at the end of the test. The command is the one
// that CCAUTH_BIN names, else the build of the workspace around the test, else the one on PATH.
func Start(t testing.TB) *Sandbox {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := find(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &Sandbox{CAFile: filepath.Join(t.TempDir(), "ca.pem"), t: t, vendors: map[string]vendor{}}
	s.read(start(t, binary, "sandbox", "--port", "0", "--ca-file", s.CAFile))
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	s.roots = x509.NewCertPool()
	if !s.roots.AppendCertsFromPEM(pem) {
		t.Fatalf("%s holds no certificate", s.CAFile)
	}
	// The client for admin calls keeps its connection, opened before a fault can be set: a fault that
	// strikes new connections must not keep a test from removing it.
	s.admin = s.Client()
	s.Admin(http.MethodGet, "/health", nil, nil)
	return s
}

// BaseURL returns the URL below which a vendor's paths are.
func (s *Sandbox) BaseURL(vendor string) string {
	s.t.Helper()
	return s.vendor(vendor).BaseURL
}

// Fields returns the credentials of a vendor's ready-made account.
func (s *Sandbox) Fields(vendor string) map[string]string {
	s.t.Helper()
	fields := map[string]string{}
	for name, value := range s.vendor(vendor).Fields {
		fields[name] = value
	}
	return fields
}

// ProtectedURL returns an endpoint that takes a token of that account, and refuses others.
func (s *Sandbox) ProtectedURL(vendor string) string {
	s.t.Helper()
	return s.vendor(vendor).ProtectedURL
}

// Client returns a new client that trusts the sandbox's certificate, and no other.
func (s *Sandbox) Client() *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12}}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: callTime}
}

// Admin makes an admin call. The path is below /_sandbox, for example /clock. A body that is not nil is sent
// as JSON; the JSON of the answer goes into what into points to, unless that is nil.
func (s *Sandbox) Admin(method, path string, body, into any) {
	s.t.Helper()
	if err := s.call(method, path, body, into); err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (s *Sandbox) call(method, path string, body, into any) error {
	var data io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		data = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, s.URL+"/_sandbox"+path, data)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := s.admin.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	// To its end, because the connection is kept only then.
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s", response.Status, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}

func (s *Sandbox) vendor(id string) vendor {
	s.t.Helper()
	found, ok := s.vendors[id]
	if !ok {
		s.t.Fatalf("%q is no vendor of the sandbox", id)
	}
	return found
}

// read takes the first line that the sandbox prints.
func (s *Sandbox) read(line string) {
	s.t.Helper()
	var ready struct {
		URL     string   `json:"url"`
		Vendors []vendor `json:"vendors"`
	}
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		s.t.Fatalf("the sandbox said %q in place of JSON: %v", line, err)
	}
	s.URL = ready.URL
	for _, vendor := range ready.Vendors {
		s.vendors[vendor.ID] = vendor
	}
}

// find looks for the command; dir is in the workspace whose build is to be used, or below it.
func find(dir string) (string, error) {
	if named := os.Getenv("CCAUTH_BIN"); named != "" {
		found, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("CCAUTH_BIN: %w: %s", err, hint)
		}
		return found, nil
	}
	for {
		if found, err := exec.LookPath(filepath.Join(dir, "target", "debug", "ccauth")); err == nil {
			return found, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	found, err := exec.LookPath("ccauth")
	if err != nil {
		return "", fmt.Errorf("ccauth is neither in target/debug of a workspace nor on PATH: %s", hint)
	}
	return found, nil
}

// start runs a command until the end of the test and returns the first line that it prints.
func start(t testing.TB, name string, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	command := exec.Command(name, args...)
	command.Stderr = &stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	first, drained := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(drained)
		reader := bufio.NewReader(stdout)
		line, err := reader.ReadString('\n')
		if err != nil {
			close(first)
			return
		}
		first <- line
		// What follows is for people; a full pipe must not stop the sandbox.
		_, _ = io.Copy(io.Discard, reader)
	}()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			_ = command.Process.Kill()
			<-drained
			_ = command.Wait()
		})
	}
	t.Cleanup(stop)
	timeout := time.NewTimer(startTime)
	defer timeout.Stop()
	why := errors.New("it ended without a line")
	select {
	case line, ok := <-first:
		if ok {
			return line
		}
	case <-timeout.C:
		why = fmt.Errorf("it was silent for %v", startTime)
	}
	stop()
	t.Fatalf("%s did not start: %v; %v; stderr:\n%s",
		strings.Join(command.Args, " "), why, command.ProcessState, stderr.String())
	return ""
}
