//! One file's way through the exports, as C goes it.

use core::ffi::c_char;
use core::mem::{size_of, zeroed};
use core::ptr;

use crate::answer::*;
use crate::code::LOCKWAIT_DOMAIN_WIN32;
use crate::content::LOCKWAIT_CONTENT_CHECK;
use crate::event::*;
use crate::policy::*;
use crate::result::*;
use crate::router::*;
use crate::submit::*;
use crate::trace::*;

fn text(text: &str) -> (*const c_char, usize) {
    (text.as_ptr().cast(), text.len())
}

/// What an export writes into a buffer, asked for twice as C does.
fn written(export: impl Fn(*mut c_char, usize, *mut usize) -> u32) -> String {
    let mut length = 0;
    assert_eq!(export(ptr::null_mut(), 0, &raw mut length), LOCKWAIT_RESULT_BUFFER_TOO_SMALL);
    let mut bytes = vec![0_u8; length + 1];
    assert_eq!(export(bytes.as_mut_ptr().cast(), bytes.len(), &raw mut length), LOCKWAIT_RESULT_OK);
    bytes.truncate(length);
    String::from_utf8(bytes).unwrap()
}

struct Host {
    router: *mut lockwait_router,
    now: u64,
}

impl Host {
    /// A router that is recorded, with a file submitted.
    fn new() -> (Host, u64) {
        let (mut policy, mut router, mut pickup) = (ptr::null_mut(), ptr::null_mut(), 0);
        let host = Host { router: ptr::null_mut(), now: 1_000_000 };
        let ((key, key_length), (value, value_length)) = (text("patience"), text("1s"));
        let ((folder, folder_length), (name, name_length)) = (text("/in"), text("a.API"));
        // SAFETY: every pointer is to a live value of its type.
        unsafe {
            assert_eq!(lockwait_policy_new(&raw mut policy), LOCKWAIT_RESULT_OK);
            assert_eq!(lockwait_policy_set(policy, key, key_length, value, value_length), LOCKWAIT_RESULT_OK);
            assert_eq!(lockwait_router_new(policy, ptr::null(), &raw mut router), LOCKWAIT_RESULT_OK);
            assert_eq!(lockwait_policy_free(policy), LOCKWAIT_RESULT_OK);
            assert_eq!(lockwait_router_trace(router), LOCKWAIT_RESULT_OK);
            let submitted =
                lockwait_router_submit(router, host.now, folder, folder_length, name, name_length, &raw mut pickup);
            assert_eq!(submitted, LOCKWAIT_RESULT_OK);
        }
        (Host { router, ..host }, pickup)
    }

    /// The next action, after waiting for it.
    fn action(&mut self) -> lockwait_action {
        // SAFETY: zeros are a value; every pointer is to a live value of its type.
        unsafe {
            let mut action: lockwait_action = zeroed();
            action.size = size_of::<lockwait_action>() as u32;
            while lockwait_router_next_action(self.router, &raw mut action) == LOCKWAIT_RESULT_EMPTY {
                assert_eq!(lockwait_router_next_timeout(self.router, &raw mut self.now), LOCKWAIT_RESULT_OK);
                assert_eq!(lockwait_router_handle_timeout(self.router, self.now), LOCKWAIT_RESULT_OK);
            }
            action
        }
    }

    /// The next event's numbers and words.
    fn event(&self) -> (lockwait_event_info, String, String) {
        // SAFETY: zeros are a value; every pointer is to a live value of its type.
        unsafe {
            let (mut event, mut info): (_, lockwait_event_info) = (ptr::null_mut(), zeroed());
            assert_eq!(lockwait_router_next_event(self.router, &raw mut event), LOCKWAIT_RESULT_OK);
            info.size = size_of::<lockwait_event_info>() as u32;
            assert_eq!(lockwait_event_get(event, &raw mut info), LOCKWAIT_RESULT_OK);
            let line = written(|at, room, length| lockwait_event_text(event, LOCKWAIT_TEXT_LINE, at, room, length));
            let mut reason: lockwait_reason = zeroed();
            reason.size = size_of::<lockwait_reason>() as u32;
            let mut reasons = String::new();
            let mut index = 0;
            while lockwait_event_reason(event, index, &raw mut reason) == LOCKWAIT_RESULT_OK {
                let bytes = core::slice::from_raw_parts(reason.name.data.cast::<u8>(), reason.name.len);
                reasons.push_str(core::str::from_utf8(bytes).unwrap());
                index += 1;
            }
            assert_eq!(index, info.reasons as usize);
            assert_eq!(lockwait_event_free(event), LOCKWAIT_RESULT_OK);
            assert_eq!(lockwait_event_free(event), LOCKWAIT_RESULT_INVALID_HANDLE);
            (info, line, reasons)
        }
    }
}

#[test]
fn a_held_file_is_reported_taken_and_replayed_through_the_exports() {
    let (mut host, pickup) = Host::new();
    let mut tries = 0;
    loop {
        let action = host.action();
        assert_eq!(action.pickup, pickup);
        match action.kind {
            LOCKWAIT_ACTION_TRY => {
                let code = lockwait_router_answer_code(host.router, host.now, pickup, LOCKWAIT_DOMAIN_WIN32, 32);
                assert_eq!(code, LOCKWAIT_RESULT_OK);
                tries += 1;
            }
            _ => break,
        }
        assert!(tries < 100, "patience never ran out");
    }
    let holder = lockwait_holder {
        size: size_of::<lockwait_holder>() as u32,
        pid: 12,
        access: LOCKWAIT_ACCESS_READ,
        others: 0,
        own: 0,
        owner: 2,
        name: crate::text::lockwait_str::lend("clamd"),
        address: crate::text::lockwait_str::lend(""),
        share: crate::text::lockwait_str::lend(""),
    };
    // SAFETY: one holder.
    let answered = unsafe { lockwait_router_answer_holders(host.router, host.now, pickup, &raw const holder, 1) };
    assert_eq!(answered, LOCKWAIT_RESULT_OK);
    let (info, line, reasons) = host.event();
    assert_eq!(
        (info.id, info.kind, info.advice),
        (LOCKWAIT_EVENT_LOCK_HELD, LOCKWAIT_KIND_SCANNER, LOCKWAIT_ADVICE_ACT)
    );
    assert!(line.contains("clamd") && !reasons.is_empty(), "{line}");

    assert_eq!(lockwait_router_hint(host.router, host.now, pickup, LOCKWAIT_HINT_CLOSED), LOCKWAIT_RESULT_OK);
    let content = b"WPC-API= 1.2;\r\nMsg-Type= Mail;\r\n-END-\r\n";
    // SAFETY: zeros are a value; every pointer is to a live value of its type.
    unsafe {
        let mut look: lockwait_look = zeroed();
        look.size = size_of::<lockwait_look>() as u32;
        look.content = LOCKWAIT_CONTENT_CHECK;
        look.facts.bytes = content.len() as u64;
        (look.head, look.head_length) = (content.as_ptr(), content.len());
        assert_eq!(host.action().kind, LOCKWAIT_ACTION_TRY);
        let opened = lockwait_router_answer_opened(host.router, host.now, pickup, &raw const look);
        assert_eq!(opened, LOCKWAIT_RESULT_OK);
        let take = host.action();
        assert_eq!((take.kind, take.expected.bytes), (LOCKWAIT_ACTION_TAKE, content.len() as u64));
        let (to, to_length) = text("/out/a.API");
        let bytes = content.len() as u64;
        let taken = lockwait_router_answer_taken(host.router, host.now, pickup, to, to_length, bytes);
        assert_eq!(taken, LOCKWAIT_RESULT_OK);
        let late = lockwait_router_answer_taken(host.router, host.now, pickup, to, to_length, bytes);
        assert_eq!(late, LOCKWAIT_RESULT_NO_SUCH_PICKUP);
    }
    let (info, line, _) = host.event();
    assert_eq!((info.id, info.end), (LOCKWAIT_EVENT_ACQUIRED, LOCKWAIT_END_TAKEN));
    assert!(line.contains("/out/a.API"), "{line}");

    let (mut trace, mut ignored) = (String::new(), 0);
    // SAFETY: the export is given a buffer and its length.
    let next = |at, room, length| unsafe { lockwait_router_next_trace_line(host.router, at, room, length) };
    while next(ptr::null_mut(), 0, &raw mut ignored) == LOCKWAIT_RESULT_BUFFER_TOO_SMALL {
        trace.push_str(&written(next));
        trace.push('\n');
    }
    let mut replay = ptr::null_mut();
    // SAFETY: zeros are a value; every pointer is to a live value of its type.
    unsafe {
        let (at, length) = text(&trace);
        assert_eq!(lockwait_trace_replay(at, length, ptr::null(), &raw mut replay), LOCKWAIT_RESULT_OK);
        let mut info: lockwait_replay_info = zeroed();
        info.size = size_of::<lockwait_replay_info>() as u32;
        assert_eq!(lockwait_replay_get(replay, &raw mut info), LOCKWAIT_RESULT_OK);
        assert_eq!((info.events, info.open), (2, 0));
    }
    assert_eq!(lockwait_replay_free(replay), LOCKWAIT_RESULT_OK);
    assert_eq!(lockwait_router_free(host.router), LOCKWAIT_RESULT_OK);
}
