//! Who is let in to the run: the one who first follows the printed link, and from then on that one's browser.
//!
//! A link is seen by others: it stands in a terminal, a log, a history. So it works once, and what it is exchanged for
//! is a cookie that no script reads and that the browser sends to nobody else (RFC 6265bis, sections 5.6.6 and 5.6.7).

use tiny_http::{Method, Request};

use super::files::{self, Answer, TEXT};

/// The link's token, until it is used, and the name and value of the cookie.
pub(super) struct Door {
    token: Option<String>,
    cookie: String,
}

const USED: &[u8] = b"This link was used already, and it works only once. The browser that used it is still let in, at this \
address without the token. If that was not you, somebody has read the link: end this run of lockwait and start it anew, \
which prints another.\n";
const UNKNOWN: &[u8] = b"This is not the link that this run of lockwait printed: every run prints another.\n";
const STRANGER: &[u8] = b"Open the link that lockwait printed: this browser has not used it.\n";

impl Door {
    /// A door to the run that is served on `port`.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(super) fn new(port: u16) -> Result<Door, getrandom::Error> {
        // Browsers send cookies to all ports of a machine (RFC 6265bis, section 8.5): each run has a name of its own.
        Ok(Door { token: Some(secret()?), cookie: format!("lockwait-{port}={}", secret()?) })
    }

    /// What stands behind the address in the printed link.
    pub(super) fn link(&self) -> String {
        self.token.as_ref().map_or_else(String::new, |token| format!("/?token={token}"))
    }

    /// Takes the token that `request` brings; gives the request back where it brings none.
    pub(super) fn exchange(&mut self, request: Request) -> Option<Request> {
        let Some(token) = request.url().strip_prefix("/?token=") else { return Some(request) };
        let answer: Answer = match &self.token {
            None => (403, TEXT, USED),
            Some(own) if own != token => (403, TEXT, UNKNOWN),
            // Asked only what would come, which uses nothing up.
            Some(_) if *request.method() == Method::Head => (200, TEXT, b""),
            Some(_) => {
                self.token = None;
                let cookie = format!("{}; Path=/; HttpOnly; SameSite=Strict", self.cookie);
                // The address that stays in the history has no token in it.
                files::send_with(request, (303, TEXT, b""), &[("Location", "/"), ("Set-Cookie", &cookie)]);
                return None;
            }
        };
        files::send(request, answer);
        None
    }

    /// Why `request` may not hear of the run; `None` where it brings the cookie.
    pub(super) fn refusal(&self, request: &Request) -> Option<Answer> {
        let mut cookies = files::values(request, "Cookie").flat_map(|line| line.split(';'));
        (!cookies.any(|cookie| cookie.trim() == self.cookie)).then_some((403, TEXT, STRANGER))
    }
}

/// 128 random bits in hexadecimal.
fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
