//! The files of the page, which are part of this program, and who may have them.

use tiny_http::{Header, Method, Request, Response, StatusCode};

/// The files by their names; none where the page was not built before this program.
const FILES: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// Types of content by the ends of names.
const TYPES: [(&str, &str); 5] = [
    (".html", "text/html; charset=utf-8"),
    (".js", "text/javascript; charset=utf-8"),
    (".css", "text/css; charset=utf-8"),
    (".svg", "image/svg+xml"),
    (".wasm", "application/wasm"),
];

/// What every answer says: a file is what its type says, nobody keeps it, and nobody learns where a link was followed.
pub(super) const ALWAYS: [(&str, &str); 4] = [
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
];

/// An answer: its status, its type and its content.
pub(super) type Answer = (u16, &'static str, &'static [u8]);

/// Words.
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// Whether there are any.
///
/// # Errors
/// There are none; a sentence that says what to do.
pub(super) fn check() -> Result<(), String> {
    match FILES {
        [] => Err("this lockwait was built without the page: run `cargo xtask page`, then build it again".into()),
        _ => Ok(()),
    }
}

/// Why `request` is not answered: it does not only read, or it is for another name. A page from elsewhere may have its
/// own name point at this machine; the name it asked for gives it away.
pub(super) fn refusal(method: &Method, host: &str, port: u16) -> Option<Answer> {
    if ![format!("127.0.0.1:{port}"), format!("localhost:{port}")].iter().any(|own| own == host) {
        return Some((403, TEXT, b"this page is served to this machine, by its own name"));
    }
    (!matches!(method, Method::Get | Method::Head)).then_some((405, TEXT, b"this page is only read"))
}

/// The name by which `request` asks for this machine; empty where it says none.
pub(super) fn host(request: &Request) -> &str {
    values(request, "Host").next().unwrap_or_default()
}

/// What `request` says under that name, each time it does.
pub(super) fn values<'a>(request: &'a Request, name: &'static str) -> impl Iterator<Item = &'a str> {
    let fields = request.headers().iter().filter(move |header| header.field.equiv(name));
    fields.map(|header| header.value.as_str())
}

/// The file that `url` names; `start` where it names none.
pub(super) fn file(url: &str, start: &'static str) -> Answer {
    let path = url.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
    let name = if path.is_empty() { start } else { path };
    match FILES.iter().find(|(file, _)| *file == name) {
        Some((_, content)) => {
            let kind = TYPES.iter().find(|(end, _)| name.ends_with(end));
            (200, kind.map_or("application/octet-stream", |(_, kind)| kind), content)
        }
        None => (404, TEXT, b"there is no such file"),
    }
}

/// Answers. A browser that is gone needs no answer.
pub(super) fn send(request: Request, answer: Answer) {
    send_with(request, answer, &[]);
}

/// The same, with more in its head.
pub(super) fn send_with(request: Request, (status, kind, content): Answer, more: &[(&str, &str)]) {
    let headers = ALWAYS.into_iter().chain([("Content-Type", kind)]).chain(more.iter().copied());
    let headers = headers.filter_map(|(name, value)| Header::from_bytes(name, value).ok()).collect();
    let _ = request.respond(Response::new(StatusCode(status), headers, content, Some(content.len()), None));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_by_its_own_name_is_answered() {
        let refused = |host: &str| refusal(&Method::Get, host, 8_080).map(|(status, ..)| status);
        for host in ["evil.example:8080", "127.0.0.1", "127.0.0.1:80", "", "localhost:8080.evil.example"] {
            assert_eq!(refused(host), Some(403), "{host}");
        }
        assert_eq!(refused("localhost:8080"), None);
        assert_eq!(refused("127.0.0.1:8080"), None);
    }

    #[test]
    fn nothing_is_changed_and_nothing_else_is_read() {
        assert_eq!(refusal(&Method::Post, "127.0.0.1:8080", 8_080).map(|(status, ..)| status), Some(405));
        for url in ["/../../etc/passwd", "//etc/passwd", "/%2e%2e/Cargo.toml", "/assets/../../../build.rs"] {
            assert_eq!(file(url, "index.html").0, 404, "{url}");
        }
    }

    #[test]
    fn the_start_is_the_page_where_there_is_one() {
        let found = if check().is_ok() { 200 } else { 404 };
        assert_eq!(file("/?x#y", "index.html").0, found);
        assert_eq!(file("/index.html", "live.html").0, found);
    }
}
