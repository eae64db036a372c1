//! A time limit for each test binary, so that one that hangs is named and not waited for.

use std::process::{Command, ExitCode};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::sh;

/// Several times what the slowest takes on two busy cores.
const LIMIT: Duration = Duration::from_secs(400);

/// Cargo's option by which it runs test binaries through `cargo xtask limit`.
pub(crate) fn as_runner() -> Result<[String; 2], String> {
    let this =
        std::env::current_exe().map_err(|e| format!("this program does not know its own file: {e}"))?;
    Ok([
        "--config".to_owned(),
        format!("target.'cfg(all())'.runner = [{:?}, \"limit\"]", this.display().to_string()),
    ])
}

/// Runs a program and ends it at the limit. libtest has then named the tests that were still running.
pub(crate) fn run(program: &str, args: &[&str]) -> ExitCode {
    run_within(LIMIT, program, args)
}

fn run_within(limit: Duration, program: &str, args: &[&str]) -> ExitCode {
    let mut child = match Command::new(program).args(args).spawn() {
        Ok(child) => child,
        Err(e) => {
            sh::say(&format!("xtask: {program} could not be started: {e}\n"));
            return ExitCode::FAILURE;
        }
    };
    let id = child.id().to_string();
    let (ended, end) = channel();
    thread::spawn(move || ended.send(child.wait()));
    match end.recv_timeout(limit) {
        Ok(Ok(status)) if status.success() => ExitCode::SUCCESS,
        Ok(Ok(status)) => {
            status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => ExitCode::FAILURE,
        Err(RecvTimeoutError::Timeout) => {
            sh::say(&format!(
                "\nxtask: {program} {} was ended after {} s; libtest names above what has been running for over 60 seconds\n",
                args.join(" "),
                limit.as_secs()
            ));
            // Its end is then seen by the thread above; what it left behind ends with the job.
            let _ = Command::new("kill").args(["-KILL", &id]).status();
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_hangs_is_ended_and_others_keep_their_status() {
        let status = |limit, script: &str| run_within(Duration::from_millis(limit), "sh", &["-c", script]);
        for (limit, script, code) in [
            (30_000, "exit 0", ExitCode::SUCCESS),
            (30_000, "exit 101", ExitCode::from(101)),
            (30_000, "kill -ABRT $$", ExitCode::FAILURE),
            (50, "exec sleep 3600", ExitCode::FAILURE),
        ] {
            assert_eq!(format!("{:?}", status(limit, script)), format!("{code:?}"), "{script}");
        }
        assert_eq!(format!("{:?}", run("/no/such/program", &[])), format!("{:?}", ExitCode::FAILURE));
    }
}
