//! The second act of `ccauth demo`: tokens that are kept valid while a year passes, the vendors are down, and all tokens
//! are revoked, under the eyes of four threads that need them all the time.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ccauth::http::StatusCode;
use ccauth::{Client, Error, ManualClock, Source, Timestamp};
use ccauth_sandbox::{Action, Fault, Filter, Sandbox, Which};

use crate::demo::{account, use_token};
use crate::failure::Failure;
use crate::output::{BAD, BOLD, DIM, GOOD};

const READERS: usize = 4;

/// Between two calls of a reader.
const PAUSE: Duration = Duration::from_micros(200);

/// How long anything here may take in real time.
const PATIENCE: Duration = Duration::from_secs(20);

/// One vendor's source, and what its readers saw.
struct Kept {
    id: &'static str,
    source: Source,
    reads: AtomicUsize,
    failures: AtomicUsize,
}

/// The vendors and the two clocks that tell their time.
struct Stage<'a> {
    sandbox: &'a Sandbox,
    clock: Arc<ManualClock>,
    kept: Vec<Kept>,
}

pub(crate) fn play(sandbox: &Sandbox, ids: &[&'static str], out: &mut impl Write) -> Result<(), Failure> {
    let stage = Stage::set(sandbox, ids)?;
    let over = AtomicBool::new(false);
    writeln!(
        out,
        "\nKept valid for {READERS} threads that read all the time, on a clock that is moved; and what each\n\
         vendor says to its token, in the same order:\n"
    )?;
    let played = thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| stage.read(&over));
        }
        let played = stage.acts(out);
        over.store(true, Ordering::Relaxed);
        played
    });
    played?;
    stage.print(out)
}

impl<'a> Stage<'a> {
    fn set(sandbox: &'a Sandbox, ids: &[&'static str]) -> Result<Self, Failure> {
        sandbox.admin().reset();
        sandbox.admin().freeze();
        let now = Timestamp::from_second(sandbox.admin().clock().now)
            .map_err(|_| Failure::Local("the sandbox's clock shows no time".to_owned()))?;
        let clock = Arc::new(ManualClock::new(now));
        let client = Client::builder().clock(clock.clone()).build();
        let open = |id: &&'static str| {
            let source = Source::open(&account(sandbox, id, &client)?);
            Ok(Kept { id, source, reads: AtomicUsize::new(0), failures: AtomicUsize::new(0) })
        };
        let kept = ids.iter().map(open).collect::<Result<Vec<_>, Error>>()?;
        Ok(Self { sandbox, clock, kept })
    }

    /// What a thread does that needs a token for each call.
    fn read(&self, over: &AtomicBool) {
        while !over.load(Ordering::Relaxed) {
            for kept in &self.kept {
                let got = kept.source.token();
                let count = if got.is_ok() { &kept.reads } else { &kept.failures };
                count.fetch_add(1, Ordering::Relaxed);
            }
            thread::sleep(PAUSE);
        }
    }

    fn acts(&self, out: &mut impl Write) -> Result<(), Failure> {
        self.settle()?;
        // Past the renewal of the one that lives shortest, and then of each other.
        for (passes, seconds) in
            [("48 minutes", 2_880), ("12 hours", 43_200), ("90 days", 7_776_000), ("a year", 31_536_000)]
        {
            self.pass(seconds)?;
            self.tell(out, &format!("{passes} later"))?;
        }
        for route in ["token", "refresh"] {
            let down = Fault::new(Action::status(503)).route(route);
            self.sandbox.admin().add_fault(down).map_err(|e| Failure::Local(e.to_string()))?;
        }
        self.pass(2_940)?;
        self.tell(out, "49 minutes later, the vendors are down")?;
        self.sandbox.admin().clear_faults();
        self.pass(300)?;
        self.tell(out, "5 minutes later, they are up again")?;
        for kept in &self.kept {
            let revoked = Which::Vendor(kept.id.to_owned());
            self.sandbox.admin().revoke(&revoked).map_err(|e| Failure::Local(e.to_string()))?;
            kept.source.report_rejected(&kept.source.token()?);
        }
        self.pass(60)?;
        self.tell(out, "every token is revoked, and reported once")
    }

    /// Lets time pass on both clocks, and everything be done that is then due.
    fn pass(&self, seconds: u64) -> Result<(), Failure> {
        // The vendors' clocks first: what has ended for us has ended for them.
        self.sandbox.admin().advance(seconds.cast_signed());
        self.clock.advance(Duration::from_secs(seconds));
        self.settle()?;
        // A vendor that serves the same token until it ends gives the next one a moment later.
        self.sandbox.admin().advance(2);
        self.clock.advance(Duration::from_secs(2));
        self.settle()
    }

    fn settle(&self) -> Result<(), Failure> {
        let step = Duration::from_millis(2);
        for _ in 0..PATIENCE.as_millis() / step.as_millis() {
            let rests = |kept: &Kept| {
                let status = kept.source.status();
                !status.is_flying && status.next.is_none_or(|next| next > self.now())
            };
            if self.kept.iter().all(rests) {
                return Ok(());
            }
            thread::sleep(step);
        }
        Err(Failure::Local("the sandbox does not answer".to_owned()))
    }

    fn now(&self) -> Timestamp {
        ccauth::Clock::now(&*self.clock).wall
    }

    /// What the vendors say to each token that is held.
    fn tell(&self, out: &mut impl Write, what: &str) -> Result<(), Failure> {
        let mut line = format!("  {what:<44}");
        for kept in &self.kept {
            let client = Client::default();
            let account = account(self.sandbox, kept.id, &client)?;
            let status = use_token(&account, &kept.source.token()?, &self.sandbox.protected(kept.id).url)?;
            let style = if status == StatusCode::OK { GOOD } else { BAD };
            line.push_str(&format!("{style}{}{style:#} ", status.as_u16()));
        }
        writeln!(out, "{}", line.trim_end())?;
        Ok(())
    }

    fn print(&self, out: &mut impl Write) -> Result<(), Failure> {
        let [vendor, reads, failures, tokens, requests] =
            ["VENDOR", "READS", "FAILURES", "TOKENS", "REQUESTS"];
        writeln!(out, "\n  {BOLD}{vendor:<15}{reads:>9}{failures:>10}{tokens:>8}{requests:>10}{BOLD:#}")?;
        let mut failed = 0;
        for kept in &self.kept {
            let asked = self.sandbox.admin().requests(&Filter::all().vendor(kept.id));
            let requests = asked.iter().filter(|entry| entry.route != "protected").count();
            let failures = kept.failures.load(Ordering::Relaxed);
            failed += failures;
            let (reads, tokens) = (kept.reads.load(Ordering::Relaxed), kept.source.status().generation);
            let style = if failures == 0 { GOOD } else { BAD };
            let name = ccauth::vendor(kept.id)?.descriptor().name;
            writeln!(out, "  {name:<15}{reads:>9}{style}{failures:>10}{style:#}{tokens:>8}{requests:>10}")?;
        }
        writeln!(out, "\n{DIM}Failures are reads that found no valid token. There are to be none.{DIM:#}")?;
        if failed == 0 { Ok(()) } else { Err(Failure::Local(format!("{failed} reads failed"))) }
    }
}
