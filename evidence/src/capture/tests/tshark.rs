//! What Wireshark counts in the same captures.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use super::super::smb::Messages;
use super::fixtures::captures;
use super::{made, read_whole};

/// Commands of SMB1 that open, and that close, a file.
const OPENS: [&str; 4] = ["0x2d", "0x02", "0x03", "0xa2"];
const CLOSE: &str = "0x04";

/// One message as tshark tells it.
struct Row {
    is_reply: bool,
    /// The command, and those chained to it in SMB1.
    commands: Vec<String>,
    status: u32,
}

/// Every message of a protocol; `None` when tshark is not installed.
///
/// SMB over datagrams carries announcements, not files: only what is in a session counts.
fn rows(path: &Path, protocol: &str) -> Option<Vec<Row>> {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(path).args(["-Y", &format!("{protocol} && nbss"), "-T", "fields", "-E", "aggregator=,"]);
    for field in ["flags.response", "cmd", "nt_status"] {
        command.args(["-e", &format!("{protocol}.{field}")]);
    }
    let output = match command.output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            println!("skipped: tshark is not installed");
            return None;
        }
        output => output.expect("tshark runs"),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut rows = Vec::new();
    for line in String::from_utf8(output.stdout).expect("numbers").lines() {
        let columns: Vec<Vec<String>> =
            line.split('\t').map(|column| column.split(',').map(String::from).collect()).collect();
        let [directions, commands, statuses] = columns.as_slice() else { panic!("{line}") };
        if let [direction] = directions.as_slice() {
            let (is_reply, status) = (is_true(direction), number(&statuses[0]));
            rows.push(Row { is_reply, commands: commands.clone(), status });
            continue;
        }
        // Several messages of SMB2 in a frame: each has a direction and a command, and answers have a status.
        assert_eq!(directions.len(), commands.len(), "{line}");
        let mut statuses = statuses.iter();
        for (direction, command) in directions.iter().zip(commands) {
            let is_reply = is_true(direction);
            let status = if is_reply { number(statuses.next().expect("a status")) } else { 0 };
            rows.push(Row { is_reply, commands: vec![command.clone()], status });
        }
    }
    Some(rows)
}

fn is_true(field: &str) -> bool {
    ["1", "True"].contains(&field)
}

fn number(field: &str) -> u32 {
    u32::from_str_radix(field.trim_start_matches("0x"), 16).unwrap_or_default()
}

fn count(rows: &[Row], opens: &[&str], close: &str) -> Messages {
    let mut messages = Messages::default();
    for Row { is_reply, commands, status } in rows {
        if !is_reply {
            messages.requests += 1;
            continue;
        }
        messages.replies += 1;
        if *status != 0 {
            *messages.statuses.entry(*status).or_default() += 1;
        }
        let has = |wanted: &[&str]| *status == 0 && commands.iter().any(|command| wanted.contains(&command.as_str()));
        messages.opens += u64::from(has(opens));
        messages.closes += u64::from(has(&[close]));
    }
    messages
}

#[test]
fn counts_are_those_of_tshark() {
    for path in captures() {
        let (_, counts) = read_whole(&std::fs::read(&path).expect("a readable file"));
        let Some(new) = rows(&path, "smb2") else { return };
        let Some(old) = rows(&path, "smb") else { return };
        assert_eq!(unbroken(&counts.new), count(&new, &["5"], "6"), "SMB2 in {}", path.display());
        assert_eq!(unbroken(&counts.old), count(&old, &OPENS, CLOSE), "SMB1 in {}", path.display());
    }
}

/// tshark has no name for the server's demands among the replies.
fn unbroken(messages: &Messages) -> Messages {
    Messages { breaks: 0, ..messages.clone() }
}

#[test]
fn tshark_reads_what_is_made_here() {
    let path = std::env::temp_dir().join(format!("lockwait-made-{}.pcap", std::process::id()));
    for wire in [
        made::scene(1_460),
        made::scene_of_channels(),
        made::scene_of_breaks(&["10.0.0.5:40001"]),
        made::scene_of_netbios(),
        made::scene_of_transactions(),
    ] {
        let file = crate::make::capture::pcap(&wire.frames);
        std::fs::write(&path, &file).expect("a writable folder");
        let (new, old) = (rows(&path, "smb2"), rows(&path, "smb"));
        std::fs::remove_file(&path).expect("the file that was written");
        let (Some(new), Some(old)) = (new, old) else { return };
        let counts = read_whole(&file).1;
        assert_eq!(
            (unbroken(&counts.new), unbroken(&counts.old)),
            (count(&new, &["5"], "6"), count(&old, &OPENS, CLOSE))
        );
    }
}
