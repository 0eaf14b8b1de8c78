//! A scene as Procmon on the machine that has the file records it: everybody's opens, with names and modes.

use lockwait_core::observation::Access;
use lockwait_core::time::Timestamp;

use super::truth::{Cause, Deed, Scene, Step, Who};

const FOLDER: &str = r"D:\drop\in";

pub(crate) fn render(scene: &Scene) -> Vec<u8> {
    let mut text = String::from(
        "\u{feff}\"Date & Time\",\"Time of Day\",\"Process Name\",\"PID\",\"Operation\",\"Path\",\"Result\",\"Detail\"\r\n",
    );
    for step in &scene.steps {
        for (operation, result, detail) in rows(scene, step) {
            let (program, pid) = program(scene, step.who);
            let path = match step.deed {
                Deed::Other => r"C:\Windows\System32\ntdll.dll".to_owned(),
                _ => format!(r"{FOLDER}\{}", scene.file(step.file)),
            };
            let (date, time) = clock(step.at);
            text.push_str(&format!(
                "\"{date}\",\"{time}\",\"{program}\",\"{pid}\",\"{operation}\",\"{path}\",\"{result}\",\"{detail}\"\r\n"
            ));
        }
    }
    text.into_bytes()
}

fn program(scene: &Scene, who: Who) -> (&'static str, u32) {
    match who {
        Who::Taker => ("taker.exe", 4_100),
        Who::Writer => ("edisend.exe", 2_200),
        Who::Holder => scene.holder,
    }
}

/// The rows of a step: operation, result, detail.
fn rows(scene: &Scene, step: &Step) -> Vec<(&'static str, &'static str, String)> {
    let open = |access: Access, share: u32, deletes: bool| {
        let mut wanted = match access {
            Access::Write => "Generic Write".to_owned(),
            Access::ReadWrite => "Generic Read/Write".to_owned(),
            _ => "Generic Read".to_owned(),
        };
        if deletes {
            wanted.push_str(", Delete");
        }
        let names = [(1, "Read"), (2, "Write"), (4, "Delete")];
        let shared: Vec<&str> = names.iter().filter(|(bit, _)| share & bit != 0).map(|(_, name)| *name).collect();
        let shared = if shared.is_empty() { "None".to_owned() } else { shared.join(", ") };
        format!(
            "Desired Access: {wanted}, Disposition: Open, Options: Synchronous IO Non-Alert, Attributes: n/a, ShareMode: \
             {shared}, AllocationSize: n/a"
        )
    };
    match step.deed {
        Deed::Open(access, share) => vec![("CreateFile", "SUCCESS", open(access, share, false))],
        Deed::Write(end) => vec![("WriteFile", "SUCCESS", format!("Offset: {}, Length: 4,096", grouped(end - 4_096)))],
        Deed::Close => vec![("CloseFile", "SUCCESS", String::new())],
        Deed::Refused if scene.cause == Cause::Unreachable => {
            vec![("CreateFile", "BAD NETWORK PATH", open(Access::Read, 7, true))]
        }
        Deed::Refused => vec![("CreateFile", "SHARING VIOLATION", open(Access::Read, 7, true))],
        Deed::Take => vec![
            ("CreateFile", "SUCCESS", open(Access::Read, 7, true)),
            ("ReadFile", "SUCCESS", "Offset: 0, Length: 65,536".into()),
            ("CloseFile", "SUCCESS", String::new()),
        ],
        Deed::Delete => vec![("SetDispositionInformationFile", "SUCCESS", "Delete: True".into())],
        Deed::Other => vec![("QueryNameInformationFile", "SUCCESS", String::new())],
        Deed::GiveUp => Vec::new(),
    }
}

/// As Procmon groups the digits of offsets in its English form.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Date and time of day as Procmon's columns have them: `3/2/2026 1:02:03 PM` and `1:02:03.1234567 PM`.
fn clock(at: Timestamp) -> (String, String) {
    let text = at.to_string();
    let (year, month, day) = (&text[..4], text[5..7].trim_start_matches('0'), text[8..10].trim_start_matches('0'));
    let hour: u32 = text[11..13].parse().unwrap_or_default();
    let (half, hour) = (if hour < 12 { "AM" } else { "PM" }, (hour + 11) % 12 + 1);
    let (minute, second) = (&text[14..16], &text[17..19]);
    let fraction = at.0 % 1_000_000 * 10;
    (
        format!("{month}/{day}/{year} {hour}:{minute}:{second} {half}"),
        format!("{hour}:{minute}:{second}.{fraction:07} {half}"),
    )
}
