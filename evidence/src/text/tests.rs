use lockwait_core::observation::Holders;
use lockwait_core::observation::sighting::{Act, Sighting};
use lockwait_core::time::Timestamp;
use proptest::prelude::*;

use super::*;

const EN: &str = "The process cannot access the file because it is being used by another process.";

fn read(text: &str) -> Findings {
    read_bytes(text.as_bytes())
}

fn read_bytes(bytes: &[u8]) -> Findings {
    let (mut findings, mut reader) = (Findings::default(), Text::new());
    assert_eq!(reader.read(bytes, true, &mut findings), bytes.len());
    findings
}

/// As a host feeds it: so many bytes at a time, with what was left before them.
fn read_in_pieces(bytes: &[u8], sizes: &[usize]) -> Findings {
    let (mut findings, mut reader) = (Findings::default(), Text::new());
    let (mut from, mut to) = (0, 0);
    for size in sizes.iter().cycle() {
        to = (to + (*size).max(1)).min(bytes.len());
        from += reader.read(&bytes[from..to], to == bytes.len(), &mut findings);
        if to == bytes.len() {
            assert_eq!(from, to);
            break;
        }
    }
    findings
}

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond() as u64)
}

/// Time, path and act of every sighting.
fn told(text: &str) -> Vec<(Timestamp, String, String)> {
    read(text).sightings.iter().map(summary).collect()
}

fn summary(sighting: &Sighting) -> (Timestamp, String, String) {
    let act = match &sighting.act {
        Act::Refused(attempt) => match attempt.pause {
            Some(pause) => format!("{} again in {pause}", attempt.code),
            None => attempt.code.to_string(),
        },
        Act::Held(Holders::Found(list)) => {
            list.iter().map(|h| format!("{}:{}:{}", h.name, h.pid.unwrap_or(0), h.own)).collect::<Vec<_>>().join(" ")
        }
        other => format!("{other:?}"),
    };
    (sighting.at, sighting.path.to_string(), act)
}

/// The one failure in `text`.
fn one(text: &str) -> Sighting {
    let findings = read(text);
    assert_eq!(findings.sightings.len(), 1, "{text}: {:#?}", findings.sightings);
    findings.sightings.into_iter().next().unwrap()
}

fn is(text: &str, time: &str, path: &str, code: &str) {
    let (found, name, act) = summary(&one(text));
    assert_eq!((found.to_string(), name.as_str(), act.as_str()), (at(time).to_string(), path, code), "{text}");
}

#[test]
fn every_form_of_time_stamp_is_read() {
    let tail = "X: open 'C:\\a.b': sharing violation";
    for (stamp, time, resolution) in [
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z", 1_000_000),
        ("2026-11-22T10:00:00.1234567+02:00", "2026-11-22T08:00:00.123456Z", 1),
        ("2026-11-22 10:00:00.566 +03:00 [ERR]", "2026-11-22T07:00:00.566Z", 1_000),
        ("2026-11-22 10:00:00.2879|ERROR|", "2026-11-22T10:00:00.2879Z", 100),
        ("2026-11-22 10:00:00,347 [main] ERROR", "2026-11-22T10:00:00.347Z", 1_000),
        ("[ERROR] 2026/11/22 10:00:00", "2026-11-22T10:00:00Z", 1_000_000),
        ("2026/11/22 10:00:00 NOTICE:", "2026-11-22T10:00:00Z", 1_000_000),
        ("96/11/18 10:48:32.60 kernel ", "1996-11-18T10:48:32.6Z", 10_000),
        ("[2026/11/22 10:00:00.429595,  2] file.c:2685(func)", "2026-11-22T10:00:00.429595Z", 1),
        ("/volume1/log [2026/11/22 10:00:00.429595, 2, pid=77]", "2026-11-22T10:00:00.429595Z", 1),
        ("Nov 22 10:00:00 host app[12]:", "1972-11-22T10:00:00Z", 1_000_000),
        ("<34>Nov 22 10:00:00 host app[12]:", "1972-11-22T10:00:00Z", 1_000_000),
        ("<34>1 2026-11-22T10:00:00.5Z host app 12 - -", "2026-11-22T10:00:00.5Z", 100_000),
        ("11/22/2026 10:00:00 PM", "2026-11-22T22:00:00Z", 1_000_000),
        ("11/22/2026 10:00:00.12 \tOWSTIMER.EXE (0x0A2C)\t0x1", "2026-11-22T10:00:00.12Z", 10_000),
        ("22.11.2026 10:00:00", "2026-11-22T10:00:00Z", 1_000_000),
        ("22/11/26 10:00:00", "2026-11-22T10:00:00Z", 1_000_000),
        ("22-Nov-2026 10:00:00.5", "2026-11-22T10:00:00.5Z", 100_000),
        ("[22/Nov/2026:10:00:00 +0100]", "2026-11-22T09:00:00Z", 1_000_000),
        ("[Sun Nov 22 10:00:00.123456 2026]", "2026-11-22T10:00:00.123456Z", 1),
        ("Nov 22, 2026 10:00:00 AM", "2026-11-22T10:00:00Z", 1_000_000),
        ("20261122 100000", "2026-11-22T10:00:00Z", 1_000_000),
        ("1795341600", "2026-11-22T10:00:00Z", 1_000_000),
        ("1795341600.25", "2026-11-22T10:00:00.25Z", 10_000),
        ("1795341600250", "2026-11-22T10:00:00.25Z", 1_000),
        ("10:00:00.212 [pool-3-thread-1] ERROR", "1970-01-01T10:00:00.212Z", 1_000),
        ("10:00:00  ", "1970-01-01T10:00:00Z", 1_000_000),
        ("{\"level\":\"error\",\"time\":\"2026-11-22T10:00:00Z\"} ", "2026-11-22T10:00:00Z", 1_000_000),
    ] {
        let sighting = one(&format!("{stamp} {tail}\n"));
        assert_eq!((sighting.at, sighting.resolution.0), (at(time), resolution), "{stamp}");
    }
}

#[test]
fn what_is_no_time_stamp_is_not_taken_for_one() {
    for line in [
        "1/10 of 12:30",
        "v1.2.3 10:99:00",
        "2026-13-40 10:00:00",
        "1:2",
        "3000000000000000 x",
        "10.0.0.1 GET /",
        "12:30 x",
    ] {
        assert_eq!(lines::stamp(line.as_bytes()), None, "{line}");
    }
}

#[test]
fn a_time_stamp_is_no_part_of_a_name() {
    let line = format!("2026-03-13 10:00:00 remove a.txt: {EN}\n");
    is(&line, "2026-03-13T10:00:00Z", "a.txt", "win32:32");
}

#[test]
fn each_shape_gives_its_file_time_and_code() {
    is(
        &format!(
            "2026-03-13 09:19:43.566 +03:00 [ERR] Job: System.IO.IOException: {}\n   at System.IO.F()\n",
            EN.replace("file ", "file 'D:\\in\\a.pdf' ")
        ),
        "2026-03-13T06:19:43.566Z",
        r"D:\in\a.pdf",
        "win32:32",
    );
    is(
        "11:36:23.212 [pool-3-thread-1] ERROR logger - Error removing C:\\t\\a.ty: \njava.nio.file.FileSystemException: C:\\t\\a.ty: The process cannot access the file because it is being used by another process.\n\tat sun.nio.fs.X(X.java:86)\n11:36:24.000 [main] INFO x - ok\n",
        "1970-01-01T11:36:23.212Z",
        r"C:\t\a.ty",
        "win32:32",
    );
    is(
        "2026/10/08 15:12:22 FEHLER 32 (0x00000020) Datei wird kopiert C:\\Data\\my file.mdb\r\nDer Prozess kann nicht auf die Datei zugreifen, da sie von einem anderen Prozess verwendet wird.\r\n",
        "2026-10-08T15:12:22Z",
        r"C:\Data\my file.mdb",
        "win32:32",
    );
    is(
        "96/11/18 10:48:32.60 kernel udopen: Operating System Error 32 (The\nprocess cannot access the file because it is being used by another process.) during the creation/opening of physical device C:\\MSSQL\\DATA\\x.DAT\n",
        "1996-11-18T10:48:32.6Z",
        r"C:\MSSQL\DATA\x.DAT",
        "win32:32",
    );
    is(
        "[2026/04/16 10:01:42.429595,  2] ../../source3/smbd/open.c:1234(open_file)\n  Error opening file reports/q3.xlsx (NT_STATUS_SHARING_VIOLATION) (local_flags=0)\n[2026/04/16 10:01:43, 3] x\n",
        "2026-04-16T10:01:42.429595Z",
        "reports/q3.xlsx",
        "ntstatus:0xc0000043",
    );
    is(
        "npm ERR! code EBUSY\nnpm ERR! errno -4082\nnpm ERR! syscall rename\nnpm ERR! EBUSY: resource busy or locked, rename 'C:\\p\\a' -> 'C:\\p\\b'\nnpm ERR! \n",
        "1970-01-01T00:00:00Z",
        r"C:\p\a",
        "errno:EBUSY",
    );
    is(
        "{ Error: EBUSY: resource busy or locked, unlink 'C:\\t\\a.log'\n  errno: -4082,\n  code: 'EBUSY',\n  syscall: 'unlink',\n  path: 'C:\\\\t\\\\a.log' }\n",
        "1970-01-01T00:00:00Z",
        r"C:\t\a.log",
        "errno:EBUSY",
    );
    is(
        "Traceback (most recent call last):\n  File \"C:\\py\\shutil.py\", line 5, in move\n    os.rename(src, dst)\nPermissionError: [WinError 32] The process cannot access the file because it is being used by another process: 'C:\\\\a\\\\s.txt' -> 'C:\\\\b\\\\d.txt'\n",
        "1970-01-01T00:00:00Z",
        r"C:\a\s.txt",
        "win32:32",
    );
    is(
        "03:05:36 ERROR: failed\nWindowsError: [Error 32] The process cannot access the file because it is being\nused by another process\n",
        "1970-01-01T03:05:36Z",
        "",
        "win32:32",
    );
    is(
        "WindowsError: [Error 32] The process cannot access the file because it is being\nused by another process\n",
        "1970-01-01T00:00:00Z",
        "",
        "win32:32",
    );
    is(
        "2026-03-27 14:21:34.58 spid52      Error: 17204, Severity: 16\n2026-03-27 14:21:34.58 spid52      FCB::Open failed: Could not open file D:\\db\\x.mdf for file number 1.  OS error: 32(The process cannot access the file because it is being used by another process.).\n",
        "2026-03-27T14:21:34.58Z",
        r"D:\db\x.mdf",
        "win32:32",
    );
    is(
        "The process cannot access the file because another process has locked a portion of the file.\n(Error number 33) on file \\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\x.edb\n",
        "1970-01-01T00:00:00Z",
        r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\x.edb",
        "win32:33",
    );
    is(
        "2026-11-22T10:00:00Z mv: cannot move '/srv/in/a.csv': Device or resource busy\n",
        "2026-11-22T10:00:00Z",
        "/srv/in/a.csv",
        "errno:EBUSY",
    );
    is(
        "2026-01-19T08:39:08.3671298Z info: retrying renaming 'C:\\r\\tmp' to 'C:\\r\\t'\n",
        "2026-01-19T08:39:08.367129Z",
        r"C:\r\tmp",
        "win32:5",
    );
}

#[test]
fn one_failure_that_nested_handlers_log_is_counted_once_and_repeated_attempts_each() {
    let line = |ms: u32, logger: &str| {
        format!(
            "2026-07-02 09:25:52.{ms:03}|ERROR|{logger}|文件“C:\\w\\a.json”正由另一进程使用，因此该进程无法访问此文件。\n"
        )
    };
    let burst =
        |ms| ["WinIOError", "FileStream.Init", "Storage.Save", "Plugin.Run"].map(|logger| line(ms, logger)).concat();
    assert_eq!(read(&burst(100)).sightings.len(), 1);
    assert_eq!(read(&[burst(100), burst(110)].concat()).sightings.len(), 2, "the same words again are a new attempt");
    assert_eq!(read(&[burst(100), burst(300)].concat()).sightings.len(), 2);
    let retries: String = (0..5).map(|at| line(at * 200, "Storage.Save")).collect();
    assert_eq!(read(&retries).sightings.len(), 5);
    let second = |words: &str| format!("2026-07-02 09:25:52 {words} C:\\w\\a.json: {EN}\n");
    assert_eq!(
        read(&[second("cannot move"), second("cannot move"), second("cannot move")].concat()).sightings.len(),
        3
    );
}

#[test]
fn causes_and_suppressed_repeats_belong_to_their_failure() {
    let jenkins = format!(
        "02:58:44  java.nio.file.FileSystemException: C:\\j\\a: {EN}\n02:58:44  \tat sun.X(Y.java:1)\n02:58:44  \tSuppressed: java.nio.file.FileSystemException: C:\\j\\a: {EN}\n02:58:44  \t\tat sun.X(Y.java:1)\n02:58:44  \tSuppressed: java.nio.file.FileSystemException: C:\\j\\a: {EN}\n02:58:44  Caused by: java.nio.file.FileSystemException: C:\\j\\a: {EN}\n"
    );
    assert_eq!(read(&jenkins).sightings.len(), 1);
    let duplicati = format!(
        "Failed to process file: C:\\U\\a.dat. Error message: {}\n",
        EN.replace("file ", "file 'C:\\U\\a.dat' ")
    );
    assert_eq!(read(&duplicati).sightings.len(), 1);
}

#[test]
fn retries_are_attempts_of_their_own_with_a_pause_and_an_end() {
    let msbuild = |what: &str| {
        format!(
            "73>C:\\B\\M.targets(5150,5): {what} The process cannot access the file 'C:\\bin\\a.dll' because it is being used by another process. The file is locked by: \"MSBuild.exe (19884), fsc.exe (1812)\" [C:\\p\\x.csproj]\n"
        )
    };
    let text = [
        msbuild("warning MSB3026: Could not copy \"C:\\o\\a.dll\" to \"C:\\bin\\a.dll\". Beginning retry 1 in 1000ms."),
        msbuild("warning MSB3026: Could not copy \"C:\\o\\a.dll\" to \"C:\\bin\\a.dll\". Beginning retry 2 in 1000ms."),
        msbuild(
            "error MSB3027: Could not copy \"C:\\o\\a.dll\" to \"C:\\bin\\a.dll\". Exceeded retry count of 10. Failed.",
        ),
        msbuild("error MSB3021: Unable to copy file \"C:\\o\\a.dll\" to \"C:\\bin\\a.dll\"."),
    ]
    .concat();
    let acts: Vec<String> = told(&text).into_iter().map(|(_, path, act)| format!("{path} {act}")).collect();
    let held = r"C:\bin\a.dll MSBuild.exe:19884:false fsc.exe:1812:false";
    assert_eq!(
        acts,
        [
            r"C:\bin\a.dll win32:32 again in 1s",
            held,
            r"C:\bin\a.dll win32:32 again in 1s",
            held,
            r"C:\bin\a.dll win32:32",
            held,
            r"C:\bin\a.dll GaveUp",
            held,
        ]
    );
    let rclone = |second, number| {
        format!(
            "2026/01/07 18:38:0{second} NOTICE: d/a.txt: Remove detected sharing violation - retry {number}/10 sleeping 1ms\n"
        )
    };
    let text = [
        rclone(4, 1),
        rclone(4, 2),
        "2026/01/07 18:38:05 INFO: d/a.txt: Deleted\n".into(),
        "2026/01/07 18:38:06 INFO: d/a.txt: Deleted\n".into(),
    ]
    .concat();
    let acts: Vec<String> = told(&text).into_iter().map(|(_, path, act)| format!("{path} {act}")).collect();
    assert_eq!(acts, ["d/a.txt win32:32 again in 1ms", "d/a.txt win32:32 again in 1ms", "d/a.txt Done"]);
    let robocopy = "2026/10/08 15:12:22 ERROR 32 (0x00000020) Copying File C:\\a.mdb\r\nThe process cannot access the file because it is being used by another process.\r\n\r\nWaiting 30 seconds... Retrying...\r\n2026/10/08 15:12:52 ERROR 32 (0x00000020) Copying File C:\\a.mdb\r\nThe process cannot access the file because it is being used by another process.\r\n\r\nERROR: RETRY LIMIT EXCEEDED.\r\n";
    let acts: Vec<String> = told(robocopy).into_iter().map(|(at, path, act)| format!("{at} {path} {act}")).collect();
    assert_eq!(
        acts,
        [
            r"2026-10-08T15:12:22.000Z C:\a.mdb win32:32 again in 30s",
            r"2026-10-08T15:12:52.000Z C:\a.mdb win32:32",
            r"2026-10-08T15:12:52.000Z C:\a.mdb GaveUp",
        ]
    );
}

#[test]
fn access_denied_counts_only_where_it_is_tried_again() {
    assert_eq!(told("2026-11-22T10:00:00Z open 'C:\\a.txt': Access is denied. (os error 5)\n"), []);
    assert_eq!(told("2026-11-22T10:00:00Z EPERM: operation not permitted, rename 'C:\\a.txt'\n"), []);
    is(
        "2026-11-22T10:00:00Z EPERM: operation not permitted, rename 'C:\\a.txt', retrying in 5s\n",
        "2026-11-22T10:00:00Z",
        r"C:\a.txt",
        "errno:EPERM again in 5s",
    );
}

#[test]
fn traps_do_not_count_and_a_lock_of_its_own_is_told_as_that() {
    for text in [
        "2026-11-22T10:00:00Z ERROR write C:\\x: Broken pipe (os error 32)\n",
        "2026-11-22T10:00:00Z System.Net.HttpListenerException (32): The process cannot access the file because it is being used by another process\n   at System.Net.HttpListener.Start()\n",
        "16:21:57,4196785\tMsMpEng.exe\t2408\tCreateFileMapping\tC:\\a.dll\tFILE LOCKED WITH ONLY READERS\t\n",
        "2026-11-22T10:00:00Z STATUS_RANGE_NOT_LOCKED 0xc000007e on C:\\a\n",
        "2026-11-22T10:00:00Z error 32, error 33, 32 files\n",
        "2026-11-22T10:00:00Z access another process' Prozess busy Suppressed \n",
    ] {
        assert_eq!(told(text), [], "{text}");
    }
    let own = "2026-11-22 10:00:00,100 [main] WARN q.Lock - Failed to acquire a lock. Retrying\njava.nio.channels.OverlappingFileLockException\n\tat sun.X(Y.java:1)\n";
    let (_, _, act) = summary(&one(own));
    assert_eq!(act, "q.Lock:0:true");
}

#[test]
fn messages_that_stand_for_others_are_counted_or_make_counts_lower_bounds() {
    let failure = format!("Nov 22 10:00:00 nas smbd[77]: open C:\\a.b: {EN}\n");
    let repeated = format!("{failure}Nov 22 10:00:30 nas last message repeated 3 times\n");
    let findings = read(&repeated);
    assert_eq!(findings.sightings.len(), 4);
    assert_eq!(findings.sightings[3].resolution.as_millis(), 30_000);
    let actor = &findings.sightings[0].actor;
    assert_eq!((&*actor.name, actor.pid, actor.address.as_deref()), ("smbd", Some(77), Some("nas")));
    assert_eq!(
        read("Nov 22 10:00:30 nas last message repeated 3 times\n").sightings.len(),
        0,
        "nothing is known of what"
    );
    let other = format!("{failure}Nov 22 10:00:01 nas cron[1]: x\nNov 22 10:00:30 nas last message repeated 3 times\n");
    assert_eq!(read(&other).sightings.len(), 1);
    let (_, _, act) =
        summary(&one("Nov 22 10:00:30 nas journald[1]: Suppressed 7124 messages from /system.slice/x.service\n"));
    assert_eq!(act, "Suppressed");
}

#[test]
fn actors_are_read_where_they_are_shown() {
    let name = |head: &str| one(&format!("{head} open C:\\a.b: {EN}\n")).actor.name.to_string();
    assert_eq!(name("2026-11-22 10:00:00,347 [main] ERROR o.f.Store - x"), "o.f.Store");
    assert_eq!(name("2026-11-22 10:00:00.2879|ERROR|Wox.Save|"), "Wox.Save");
    assert_eq!(name("11/22/2026 10:00:00.12 \tOWSTIMER.EXE (0x0A2C)\t0x1"), "OWSTIMER.EXE");
    assert_eq!(name("<34>1 2026-11-22T10:00:00.5Z host app 12 - -"), "app");
    assert_eq!(name("2026-11-22 10:00:00"), "");
    let robocopy = one("2026/10/08 15:12:22 ERROR 32 (0x00000020) Copying File C:\\a.mdb\n");
    assert_eq!(&*robocopy.actor.name, "robocopy");
}

#[test]
fn the_order_of_day_and_month_is_decided_by_the_whole_input() {
    let line = |date: &str| format!("{date} 10:00:00 open C:\\a.b: {EN}\n");
    let quiet = |date: &str| format!("{date} 10:00:00 nothing\n");
    let days =
        |text: String| read(&text).sightings.iter().map(|s| s.at.to_string()[..10].to_owned()).collect::<Vec<_>>();
    assert_eq!(days([line("03/04/2026"), quiet("25/04/2026")].concat()), ["2026-04-03"]);
    assert_eq!(days([line("03/04/2026"), quiet("03/25/2026")].concat()), ["2026-03-04"]);
    assert_eq!(
        days([line("02/03/26"), line("03/03/26"), quiet("26/13/01"), quiet("31/03/26")].concat()),
        ["2026-03-02", "2026-03-03"]
    );
    let findings = read(&line("03/04/2026"));
    assert_eq!(findings.sightings[0].at.to_string(), "2026-03-04T10:00:00.000Z");
    assert!(
        findings.warnings.iter().any(|warning| warning.contains("the month was taken to come first")),
        "{:?}",
        findings.warnings
    );
}

#[test]
fn what_stamps_leave_out_is_carried_on_and_said_once() {
    let line = |time: &str| format!("{time} [t] ERROR x - open C:\\a.b: {EN}\n");
    let text = [line("23:59:59.900"), line("00:00:00.100"), line("12:00:00.000"), line("11:00:00.000")].concat();
    let findings = read(&text);
    let times: Vec<String> = findings.sightings.iter().map(|s| s.at.to_string()).collect();
    assert_eq!(
        times,
        [
            "1970-01-01T23:59:59.900Z",
            "1970-01-02T00:00:00.100Z",
            "1970-01-02T12:00:00.000Z",
            "1970-01-03T11:00:00.000Z"
        ]
    );
    assert_eq!(findings.warnings.iter().filter(|warning| warning.contains("the day")).count(), 1);
    assert_eq!(findings.warnings.iter().filter(|warning| warning.contains("zone")).count(), 1);
    let dated = [
        "2026-11-22 08:00:00 start\n".to_owned(),
        line("23:59:59.900"),
        "23:59:59.950 x\n".into(),
        "00:10:00.000 x\n".into(),
        line("00:20:00.100"),
    ]
    .concat();
    let times: Vec<String> = read(&dated).sightings.iter().map(|s| s.at.to_string()).collect();
    assert_eq!(times, ["2026-11-22T23:59:59.900Z", "2026-11-23T00:20:00.100Z"]);
    let year =
        ["Dec 31 23:59:59", "Jan  1 00:00:01"].map(|stamp| format!("{stamp} h a[1]: open C:\\a.b: {EN}\n")).concat();
    let times: Vec<String> = read(&year).sightings.iter().map(|s| s.at.to_string()).collect();
    assert_eq!(times, ["1972-12-31T23:59:59.000Z", "1973-01-01T00:00:01.000Z"]);
}

#[test]
fn a_very_long_line_is_cut_with_a_warning_and_a_record_kept_as_proof_is_short() {
    let long = format!(
        "2026-11-22T10:00:00Z open C:\\a.b: {EN} {}\n2026-11-22T10:00:01Z open C:\\c.d: {EN}\n",
        "ü".repeat(2 << 20)
    );
    let findings = read_in_pieces(long.as_bytes(), &[1 << 16]);
    assert!(
        findings.warnings.iter().any(|warning| warning.contains("longer than a mebibyte")),
        "{:?}",
        findings.warnings
    );
    let paths: Vec<String> = findings.sightings.iter().map(|s| s.path.to_string()).collect();
    assert_eq!(paths, [r"C:\a.b", r"C:\c.d"]);
    assert!(findings.sightings.iter().all(|s| s.record.len() <= 500 && s.record.len() > 90));
}

#[test]
fn several_files_in_one_record_are_several_failures() {
    let text = format!("2026-11-22T10:00:00Z sweep\n  C:\\a.b: {EN}\n  C:\\c.d: {EN}\n");
    let paths: Vec<String> = read(&text).sightings.iter().map(|s| s.path.to_string()).collect();
    assert_eq!(paths, [r"C:\a.b", r"C:\c.d"]);
}

/// Lines that a log may have.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("2026-11-22 10:00:00,100 [m] INFO x - fine".to_owned()),
        Just("2026-11-22 10:00:00,100 [m] ERROR x - open C:\\a b.c: sharing violation".to_owned()),
        Just("03/04/2026 10:00:00 open C:\\q.c: sharing violation retry 1/3 in 5s".to_owned()),
        Just("10:00:00.1 copied C:\\q.c".to_owned()),
        Just("\tat x.y(Z.java:1)".to_owned()),
        Just("Caused by: [WinError 32] 'C:\\z'".to_owned()),
        Just("npm ERR! code EBUSY".to_owned()),
        Just("npm ERR! EBUSY: resource busy or locked, rename 'C:\\p' -> 'C:\\q'".to_owned()),
        Just(String::new()),
        Just("Nov 22 10:00:30 h last message repeated 3 times".to_owned()),
        Just("25/04/2026 10:00:00 x".to_owned()),
        Just(EN.to_owned()),
        Just("El proceso no tiene acceso al archivo porque está siendo".to_owned()),
        Just("utilizado por otro proceso.".to_owned()),
        ".{0,80}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_of_the_input_gives_the_same(lines in prop::collection::vec(line(), 0..40), sizes in prop::collection::vec(1usize..90, 1..6)) {
        let text = lines.join("\n");
        let (whole, pieces) = (read(&text), read_in_pieces(text.as_bytes(), &sizes));
        prop_assert_eq!(whole.sightings, pieces.sightings);
        prop_assert_eq!(whole.warnings, pieces.warnings);
        prop_assert_eq!(whole.records, pieces.records);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_bytes(&bytes);
    }

    #[test]
    fn no_damage_makes_it_panic(lines in prop::collection::vec(line(), 1..20), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = lines.join("\n").into_bytes();
        bytes.push(b'\n');
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes.remove(cut.index(bytes.len()));
        read_bytes(&bytes);
    }
}

/// Reads 256 MB and prints how fast: `cargo test --release -p lockwait-evidence -- --ignored --nocapture speed`.
#[test]
#[ignore = "measures; asserts nothing"]
fn speed() {
    let fine = "2026-11-22 10:00:00,100 [worker-7] INFO  com.example.store.Importer - imported batch 4711 of 9000 rows in 32 ms, 33 skipped\n2026-11-22 10:00:00,207 [worker-7] DEBUG com.example.store.Importer - next file is /srv/import/2026/11/22/orders-000123.csv (18211 bytes)\n";
    let failing =
        format!("2026-11-22 10:00:00,300 [worker-7] ERROR com.example.store.Importer - open D:\\in\\a.csv: {EN}\n");
    for (name, every) in [("no failure", usize::MAX), ("one line in 1,000 fails", 500), ("every third line fails", 1)] {
        let mut text = String::with_capacity(256 << 20);
        let mut lines = 0usize;
        while text.len() < 256 << 20 {
            text.push_str(fine);
            lines += 1;
            if lines.is_multiple_of(every) {
                text.push_str(&failing);
            }
        }
        let start = std::time::Instant::now();
        let (mut findings, mut reader) = (Findings::default(), Text::new());
        let (mut from, mut to) = (0, 0);
        while to < text.len() {
            to = (to + (1 << 20)).min(text.len());
            from += reader.read(&text.as_bytes()[from..to], to == text.len(), &mut findings);
            findings.sightings.clear();
        }
        let seconds = start.elapsed().as_secs_f64();
        println!("{name}: {:.0} MB/s, {} lines", text.len() as f64 / 1e6 / seconds, findings.records);
    }
}
