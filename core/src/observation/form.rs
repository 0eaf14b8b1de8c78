//! The JSON of what can be seen. `serde`'s, for other crates, is the same.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{
    Access, Content, Facts, Hint, Holder, Holders, Look, Method, Name, Place, Refusal, Scope, Taken, hex, unhex,
};
use crate::code::Code;
use crate::json::{Blank, Form, Json, choice, record};

record!(Place, Place::default(), folder, name);
record!(Facts, Facts::default(), size, modified, identity);
record!(Look, Look::default(), facts, content "?", method "?", companions "-");
record!(Refusal, Refusal::new(Code::blank()), code, scope "?", facts "-", access "?", method "?");
record!(Taken, Taken::default(), to, bytes);
record!(
    Holder, Holder::default(), name "-", pid "-", address "-", access "?", share "-", own "?", owner "-", others "?",
    from "-", to "-",
);
choice!(Access, "unknown read write read-write", Unknown, Read, Write, ReadWrite);
choice!(
    Method,
    "unknown open share-mode lease record-lock flock stability",
    Unknown,
    Open,
    ShareMode,
    Lease,
    RecordLock,
    Flock,
    Stability
);
choice!(Content, "unknown complete incomplete", Unknown, Complete, Incomplete);
choice!(Scope, "file folder", File, Folder);
choice!(Hint, "closed renamed changed seen removed", Closed, Renamed, Changed, Seen, Removed);

impl Json for Holders {
    fn form(&mut self, form: &mut Form<'_>) {
        let index = match self {
            Holders::NotAsked => 0,
            Holders::Found(_) => 1,
            Holders::CouldNotAsk(_) => 2,
        };
        match form.enter("not-asked found* could-not-ask*", index) {
            Some(1) => *self = Holders::Found(Vec::new()),
            Some(2) => *self = Holders::CouldNotAsk(Code::blank()),
            _ => {}
        }
        form.leave(match self {
            Holders::NotAsked => None,
            Holders::Found(list) => Some(list),
            Holders::CouldNotAsk(code) => Some(code),
        });
    }
}

impl Blank for Holders {
    fn blank() -> Holders {
        Holders::NotAsked
    }
}

/// A text where it is UTF-8, else `{"hex": …}`.
impl Json for Name {
    fn form(&mut self, form: &mut Form<'_>) {
        let text = core::str::from_utf8(&self.0);
        if text.is_err() || (form.reads() && form.peek() == b'{') {
            let mut digits = hex(&self.0);
            form.record("hex ", &mut [&mut digits]);
            match unhex(&digits) {
                Some(bytes) => *self = Name::from(bytes),
                None => form.fail(&format!("'{digits}' is not an even number of hex digits")),
            }
        } else if let Some(text) = form.string(text.unwrap_or_default()) {
            *self = Name::from(String::into_bytes(text));
        }
    }
}

impl Blank for Name {
    fn blank() -> Name {
        Name::default()
    }
}
