//! The inspector page, in headless Chromium, over the W3C WebDriver protocol.
#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ccauth_sandbox::Sandbox;
use common::{Answer, Client, start};
use serde_json::{Value, json};
use ureq::Agent;

const INSTALL: &str = "install it with: apt-get update && apt-get install -y chromium chromium-driver";
/// WebDriver's name for an element in JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

fn login(client: &Client) -> Answer {
    let body = json!({ "email": "demo@example.com", "password": "demo-secret" });
    client.post_json("/servetel/v1/auth/login", &body)
}

#[test]
fn the_page_shows_accounts_tokens_and_requests_and_its_buttons_work() {
    let (sandbox, client) = start();
    let browser = Browser::open(&sandbox);

    assert!(browser.text("body").contains("TESTING ONLY"));
    browser.wait_for("accounts of five vendors", "return document.querySelectorAll('.account').length > 24");

    assert_eq!(login(&client).status, 200);
    browser.wait_for("a live token", "return !!document.querySelector('.token[data-state=live] .bar i')");
    browser
        .wait_for("a row in the journal", "return !!document.querySelector('.entry[data-status=\"200\"]')");
    assert!(!browser.text("body").contains("demo-secret"), "secrets are masked");

    browser.click("[data-advance='3600']");
    browser.wait_for("an expired token", "return !!document.querySelector('.token[data-state=expired]')");
    assert_eq!(sandbox.admin().tokens()[0].state, "expired");

    browser.click("[data-fault='500']");
    browser.wait_for("the fault", "return document.querySelectorAll('.fault').length > 0");
    assert_eq!(login(&client).status, 500);
    browser.wait_for("the failed request", "return !!document.querySelector('.entry[data-status=\"500\"]')");
    assert_eq!(login(&client).status, 200, "the fault struck once");

    browser.click("#freeze");
    browser.wait_for(
        "a frozen clock",
        "return document.getElementById('clock-note').textContent.startsWith('frozen')",
    );
    browser.click("#reset");
    browser.wait_for(
        "a clean slate",
        "return !document.querySelector('.token') && !document.querySelector('.entry')",
    );
}

#[test]
fn the_page_fits_into_400_pixels() {
    let (sandbox, client) = start();
    login(&client);
    let browser = Browser::open(&sandbox);
    browser.call("POST", "/window/rect", &json!({ "width": 400, "height": 900 }));
    browser.wait_for("a token", "return !!document.querySelector('.token')");
    browser.wait_for(
        "no sideways scrolling",
        "return document.documentElement.scrollWidth <= window.innerWidth",
    );
}

/// A browser with one window open on the inspector page. Ends with the test.
struct Browser {
    agent: Agent,
    session: String,
    driver: Child,
    /// Kept open: the driver goes on talking.
    _talk: Box<dyn Iterator<Item = String>>,
    _profile: tempfile::TempDir,
}

impl Browser {
    fn open(sandbox: &Sandbox) -> Browser {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver: {error}; {INSTALL}"));
        let mut talk = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        // "ChromeDriver was started successfully on port 12345."
        let started = talk.find(|line| line.contains("successfully on port ")).expect(INSTALL);
        let port = started.rsplit(' ').next().unwrap().trim_end_matches('.').to_owned();
        let profile = tempfile::tempdir().unwrap();
        let profile_flag = format!("--user-data-dir={}", profile.path().display());
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,1000",
            &profile_flag,
        ];
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "acceptInsecureCerts": true,
            "goog:chromeOptions": { "args": flags },
        } } });
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into();
        let session = format!("http://127.0.0.1:{port}/session");
        let mut browser = Browser { agent, session, driver, _talk: Box::new(talk), _profile: profile };
        let opened = browser.call("POST", "", &capabilities);
        let id = opened["sessionId"].as_str().unwrap_or_else(|| panic!("{opened}; {INSTALL}")).to_owned();
        browser.session = format!("{}/{id}", browser.session);
        browser.call("POST", "/timeouts", &json!({ "script": 20_000, "pageLoad": 20_000 }));
        browser.call("POST", "/url", &json!({ "url": format!("{}/_sandbox/", sandbox.url()) }));
        browser
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.session);
        let answer = match method {
            "POST" => self.agent.post(&url).send(body.to_string()),
            "DELETE" => self.agent.delete(&url).call(),
            _ => self.agent.get(&url).call(),
        };
        let text = answer.unwrap().body_mut().read_to_string().unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert!(value["value"]["error"].is_null(), "{method} {path}: {text}");
        value["value"].clone()
    }

    fn find(&self, selector: &str) -> String {
        let found = self.call("POST", "/element", &json!({ "using": "css selector", "value": selector }));
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    fn click(&self, selector: &str) {
        self.call("POST", &format!("/element/{}/click", self.find(selector)), &json!({}));
    }

    fn text(&self, selector: &str) -> String {
        let text = self.call("GET", &format!("/element/{}/text", self.find(selector)), &Value::Null);
        text.as_str().unwrap().to_owned()
    }

    /// Waits in the page until the script returns true; the driver's script timeout bounds it.
    fn wait_for(&self, what: &str, condition: &str) {
        let script = format!(
            "const done = arguments[0], holds = () => {{ {condition} }};
             const until = performance.now() + 15000;
             (function poll() {{
                 if (holds()) done(true);
                 else if (performance.now() > until) done(false);
                 else setTimeout(poll, 20);
             }})();"
        );
        let held = self.call("POST", "/execute/async", &json!({ "script": script, "args": [] }));
        assert_eq!(held, json!(true), "waited in vain for {what}: {}", self.text("body"));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser; the driver would leave it behind. A second panic here would hide the first.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
