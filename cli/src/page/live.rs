//! The run as it is now, for the browser of this machine that the [`Door`] lets in: server-sent events (HTML Living Standard,
//! section 9.2).

use std::io::{self, Write};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use lockwait_core::event::Event;
use lockwait_native::runner::{Progress, Waiting};
use serde_json::{Value, json};
use tiny_http::{Method, Request};

use super::door::Door;
use super::{files, listen};

/// Where the run is told.
const EVENTS: &str = "/events";
/// Browsers that are served at a time.
const BROWSERS: usize = 16;
/// Messages that one may be behind; it is let go then, and asks again.
const BEHIND: usize = 1_024;
/// A message that says nothing is sent after so long a silence: it finds out who is gone.
const SILENCE: Duration = Duration::from_secs(15);

/// Passes on what the run tells to every browser; never waits for one.
#[derive(Clone, Default)]
pub(crate) struct Hub(Arc<Mutex<Listeners>>);

#[derive(Default)]
struct Listeners {
    /// How the run is doing, for those who come.
    progress: Progress,
    /// What was told of that last.
    told: Arc<str>,
    to: Vec<SyncSender<Arc<str>>>,
}

impl Hub {
    /// An event happened.
    pub(crate) fn event(&self, event: &Event) {
        self.lock().tell(|| message("line", &event.to_json()));
    }

    /// The run is doing so.
    pub(crate) fn progress(&self, progress: &Progress) {
        let mut listeners = self.lock();
        listeners.progress = progress.clone();
        if !listeners.to.is_empty() {
            let state = state(progress);
            if listeners.told != state {
                listeners.told = state.clone();
                listeners.tell(|| state);
            }
        }
    }

    /// What comes for one more browser; `None` when there are too many.
    fn listen(&self) -> Option<Receiver<Arc<str>>> {
        let mut listeners = self.lock();
        let (to, from) = mpsc::sync_channel(BEHIND);
        let state = state(&listeners.progress);
        (listeners.to.len() < BROWSERS && to.try_send(state).is_ok()).then(|| {
            listeners.to.push(to);
            from
        })
    }

    fn lock(&self) -> MutexGuard<'_, Listeners> {
        // Nothing that runs under the lock leaves it half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listeners {
    /// Tells everybody; the message is made only if there is anybody.
    fn tell(&mut self, message: impl FnOnce() -> Arc<str>) {
        if !self.to.is_empty() {
            let message = message();
            self.to.retain(|to| to.try_send(message.clone()).is_ok());
        }
    }
}

/// How the run is doing, as the page reads it.
fn state(progress: &Progress) -> Arc<str> {
    let waiting: Vec<Value> = progress.files.iter().map(told).collect();
    message("state", &json!({"waiting": waiting, "taken": progress.taken}).to_string())
}

/// A file that waits, as the page reads it.
fn told(file: &Waiting) -> Value {
    json!({
        "path": file.path.to_string(),
        "since": file.since.to_string(),
        "attempts": file.attempts,
        "code": file.code.map(|code| code.to_string()),
        "verdict": file.verdict.map(|(advice, kind)| json!({"advice": advice.as_str(), "kind": kind.as_str()})),
    })
}

/// One message; `data` is one line.
fn message(event: &str, data: &str) -> Arc<str> {
    format!("event: {event}\ndata: {data}\n\n").into()
}

/// Serves the run of `hub` from threads of its own; gives the link to open, which lets one browser in.
///
/// # Errors
/// The page is not part of this program, the port cannot be had, or the system gives no thread or no random numbers.
pub(crate) fn serve(port: u16, hub: Hub) -> Result<String, String> {
    files::check()?;
    open(port, hub)
}

fn open(port: u16, hub: Hub) -> Result<String, String> {
    let (server, address) = listen(port)?;
    let port = address.port();
    let mut door = Door::new(port).map_err(|error| format!("the system gives no random numbers: {error}"))?;
    let link = format!("http://{address}{}", door.link());
    let life = move || {
        for request in server.incoming_requests() {
            if let Some(refusal) = files::refusal(request.method(), files::host(&request), port) {
                files::send(request, refusal);
            } else if request.url() == EVENTS {
                let_in(request, &door, &hub);
            } else if let Some(request) = door.exchange(request) {
                let answer = files::file(request.url(), "live.html");
                files::send(request, answer);
            }
        }
    };
    spawn(life).map_err(|error| format!("the system gives no more threads: {error}"))?;
    Ok(link)
}

fn spawn(life: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name("lockwait-page".into()).spawn(life).map(|_| ())
}

/// Tells the one who asks what happens, if the door is open to it and there is room.
fn let_in(request: Request, door: &Door, hub: &Hub) {
    if let Some(refusal) = door.refusal(&request) {
        return files::send(request, refusal);
    }
    if *request.method() == Method::Head {
        return files::send(request, (200, "text/event-stream", b""));
    }
    let Some(messages) = hub.listen() else {
        return files::send(request, (503, files::TEXT, b"too many browsers are listening"));
    };
    // Without a thread the browser is told nothing, and asks again.
    let _ = spawn(move || {
        let _ = pass_on(&mut request.into_writer(), &messages);
    });
}

/// Writes messages until there are no more or the browser is gone.
fn pass_on(out: &mut dyn Write, messages: &Receiver<Arc<str>>) -> io::Result<()> {
    let always: String = files::ALWAYS.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n{always}\r\n")?;
    loop {
        match messages.recv_timeout(SILENCE) {
            Ok(message) => out.write_all(message.as_bytes())?,
            Err(RecvTimeoutError::Timeout) => out.write_all(b":\n\n")?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        out.flush()?;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpStream;

    use super::*;
    use lockwait_core::event::{EventKind, Severity};
    use lockwait_core::time::{Span, Timestamp};

    fn progress(taken: u64) -> Progress {
        let file = Waiting {
            path: "/in/\"a\n\"".into(),
            since: Timestamp(0),
            waited: Span::from_secs(1),
            attempts: 5,
            code: None,
            verdict: None,
        };
        Progress { files: vec![file], taken, ..Progress::default() }
    }

    #[test]
    fn who_comes_hears_the_state_first_and_then_what_happens() {
        let hub = Hub::default();
        hub.progress(&progress(3));
        let heard = hub.listen().unwrap();
        hub.progress(&progress(4));
        hub.progress(&progress(4));
        hub.event(&Event::new(Timestamp(0), EventKind::Started, Severity::Information));
        let [state, newer, line] = [(); 3].map(|()| heard.try_recv().unwrap());
        assert!(newer.contains("\"taken\":4"), "{newer}");
        let data = state.strip_prefix("event: state\ndata: ").unwrap().strip_suffix("\n\n").unwrap();
        let state: Value = serde_json::from_str(data).unwrap();
        assert_eq!((&state["taken"], &state["waiting"][0]["path"]), (&3.into(), &"/in/\"a\n\"".into()));
        assert!(line.starts_with("event: line\ndata: {\"at\":") && line.trim_end().lines().count() == 2, "{line}");
        assert!(heard.try_recv().is_err(), "a state that is the same is not told again");
    }

    /// What `GET path` gives with these lines in its head, until the answer's head is over.
    fn asked(address: &str, path: &str, lines: &str) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\n{lines}\r\n\r\n").unwrap();
        let head = until(&mut stream, "\r\n\r\n");
        (stream, head)
    }

    fn until(stream: &mut TcpStream, end: &str) -> String {
        let (mut text, mut byte) = (String::new(), [0]);
        while !text.ends_with(end) && stream.read(&mut byte).unwrap() == 1 {
            text.push(byte[0].into());
        }
        text
    }

    #[test]
    fn the_link_lets_one_browser_in_and_no_other() {
        let hub = Hub::default();
        hub.progress(&progress(7));
        let link = open(0, hub.clone()).unwrap();
        let (address, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let (path, host) = (format!("/{path}"), format!("Host: {address}"));
        let refused = |path: &str, lines: &str| {
            let (mut stream, head) = asked(address, path, &format!("{lines}\r\nConnection: close"));
            assert!(head.starts_with("HTTP/1.1 403 "), "{path} {lines}: {head}");
            let mut why = String::new();
            stream.read_to_string(&mut why).unwrap();
            why
        };
        assert!(refused("/?token=00000000000000000000000000000000", &host).contains("every run prints another"));
        refused(&path, "Host: evil.example");
        assert!(refused(EVENTS, &host).contains("Open the link"));

        let (_, head) = asked(address, &path, &host);
        assert!(head.starts_with("HTTP/1.1 303 ") && head.contains("\r\nLocation: /\r\n"), "{head}");
        let cookie = head.lines().find_map(|line| line.strip_prefix("Set-Cookie: ")).unwrap();
        let (cookie, rules) = cookie.split_once("; ").unwrap();
        assert_eq!(rules, "Path=/; HttpOnly; SameSite=Strict");
        assert!(refused(&path, &host).contains("works only once"), "what was used is used up");
        let with = |cookies: &str| format!("{host}\r\nCookie: {cookies}");
        assert!(refused(&path, &with(cookie)).contains("works only once"));
        for other in [&cookie[..cookie.len() - 1], &format!("{cookie}0"), &cookie.to_uppercase()] {
            refused(EVENTS, &with(other));
        }
        refused(EVENTS, &format!("Host: evil.example\r\nCookie: {cookie}"));

        // The browser asks again with the same cookie when the connection was lost.
        for _ in 0..2 {
            let (mut stream, head) = asked(address, EVENTS, &with(&format!("other=1; {cookie}")));
            assert!(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"), "{head}");
            assert!(until(&mut stream, "\n\n").contains("\"taken\":7"));
            hub.event(&Event::new(Timestamp(0), EventKind::Started, Severity::Information));
            assert!(until(&mut stream, "\n\n").starts_with("event: line\ndata: {"));
        }
    }

    #[test]
    fn asking_what_the_link_would_give_does_not_use_it_up() {
        let link = open(0, Hub::default()).unwrap();
        let (address, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "HEAD /{path} HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
        assert!(until(&mut stream, "\r\n\r\n").starts_with("HTTP/1.1 200 "));
        assert!(asked(address, &format!("/{path}"), &format!("Host: {address}")).1.starts_with("HTTP/1.1 303 "));
    }

    #[test]
    fn nobody_is_waited_for() {
        let hub = Hub::default();
        let slow = hub.listen().unwrap();
        for taken in 0..=BEHIND as u64 {
            hub.progress(&progress(taken));
        }
        assert!(hub.lock().to.is_empty());
        assert_eq!(slow.iter().count(), BEHIND, "what was told before is not lost");
        let all: Vec<_> = (0..BROWSERS).map(|_| hub.listen().unwrap()).collect();
        assert!(hub.listen().is_none());
        drop(all);
    }
}
