//! The words and numbers that tell of a lock, strongest first.
//!
//! Sources: `[MS-ERREF]` 2.1, 2.2 and 2.3.1 for the numbers and their names; libuv `include/uv/errno.h`; the ESENT
//! error -1032 of `esent.h`; the messages as the user threads and message tables of Windows and .NET have them.

use lockwait_core::code::Code;

/// Something in a text that tells of a lock.
pub(super) struct Key {
    /// As it is written, in any ASCII case; line breaks and other blanks count as one blank.
    pub(super) text: &'static str,
    /// What it stands for.
    pub(super) code: Code,
    /// What it is worth.
    pub(super) proof: Proof,
}

/// What a key is worth by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Proof {
    /// Nothing else is meant by it.
    Alone,
    /// On POSIX the number means something else (32 a broken pipe, 33 a number out of range): only beside a Windows
    /// path or a message that is a key itself.
    OnWindows,
    /// The same words are said of ports and devices: only beside a path.
    WithPath,
    /// The same words are said of ports and databases: only beside a path, or a word for file in the same message.
    OfFile,
    /// Access denied: a lock only if the text around it says that it passes.
    Possible,
}

/// Sharing violation: the whole file.
const FILE: Code = Code::win32(32);
/// Lock violation: a range of the file.
const RANGE: Code = Code::win32(33);
const NT_SHARING: Code = Code::ntstatus(0xc000_0043);
const NT_CONFLICT: Code = Code::ntstatus(0xc000_0054);
const NT_GRANTED: Code = Code::ntstatus(0xc000_0055);
/// The way to the folder, not the file.
const NET_PATH: Code = Code::win32(53);
const NET_CUT: Code = Code::win32(64);
const NET_NAME: Code = Code::win32(67);
const NT_NET_PATH: Code = Code::ntstatus(0xc000_00be);
const NT_NET_NAME: Code = Code::ntstatus(0xc000_00cc);
const EBUSY: Code = Code::errno(16);
const ETXTBSY: Code = Code::errno(26);
const EAGAIN: Code = Code::errno(11);
const DENIED: Code = Code::win32(5);
const EACCES: Code = Code::errno(13);
const EPERM: Code = Code::errno(1);

const fn key(text: &'static str, code: Code, proof: Proof) -> Key {
    Key { text, code, proof }
}

use Proof::{Alone, OfFile, OnWindows, Possible, WithPath};

/// Strongest first: where several tell of the same failure, the first gives its code.
pub(super) static KEYS: &[Key] = &[
    // Numbers that say whose they are.
    key("0xc0000043", NT_SHARING, Alone),
    key("0xc0000054", NT_CONFLICT, Alone),
    key("0xc0000055", NT_GRANTED, Alone),
    key("STATUS_SHARING_VIOLATION", NT_SHARING, Alone),
    key("STATUS_FILE_LOCK_CONFLICT", NT_CONFLICT, Alone),
    key("STATUS_LOCK_NOT_GRANTED", NT_GRANTED, Alone),
    key("0xd0000043", NT_SHARING, Alone),
    key("80070020", FILE, Alone),
    key("80070021", RANGE, Alone),
    key("-2147024864", FILE, Alone),
    key("-2147024863", RANGE, Alone),
    key("2147942432", FILE, Alone),
    key("2147942433", RANGE, Alone),
    key("3221225539", NT_SHARING, Alone),
    key("3221225556", NT_CONFLICT, Alone),
    key("3221225557", NT_GRANTED, Alone),
    key("-1073741757", NT_SHARING, Alone),
    key("-1073741740", NT_CONFLICT, Alone),
    key("c0000043", NT_SHARING, Alone),
    key("c0000054", NT_CONFLICT, Alone),
    key("c0000055", NT_GRANTED, Alone),
    key("32 (0x00000020)", FILE, Alone),
    key("32(0x00000020)", FILE, Alone),
    key("32 (0x20)", FILE, Alone),
    key("33 (0x00000021)", RANGE, Alone),
    key("33(0x00000021)", RANGE, Alone),
    key("33 (0x21)", RANGE, Alone),
    key("WinError 32", FILE, Alone),
    key("WinError 33", RANGE, Alone),
    key("ERROR_SHARING_VIOLATION", FILE, Alone),
    key("ERROR_LOCK_VIOLATION", RANGE, Alone),
    key("SHARING_VIOLATION", FILE, Alone),
    key("LOCK_VIOLATION", RANGE, Alone),
    key("sharing violation", FILE, Alone),
    key("lock violation", RANGE, Alone),
    key("FILE LOCK CONFLICT", NT_CONFLICT, Alone),
    key("LOCK NOT GRANTED", NT_GRANTED, Alone),
    key("JET_errFileAccessDenied", FILE, Alone),
    key("-1032 (0xfffffbf8)", FILE, Alone),
    key("error -1032", FILE, Alone),
    // The way to the folder.
    key("0xc00000be", NT_NET_PATH, WithPath),
    key("0xc00000cc", NT_NET_NAME, WithPath),
    key("STATUS_BAD_NETWORK_PATH", NT_NET_PATH, WithPath),
    key("STATUS_BAD_NETWORK_NAME", NT_NET_NAME, WithPath),
    key("80070035", NET_PATH, WithPath),
    key("80070040", NET_CUT, WithPath),
    key("80070043", NET_NAME, WithPath),
    key("WinError 53", NET_PATH, WithPath),
    key("WinError 64", NET_CUT, WithPath),
    key("WinError 67", NET_NAME, WithPath),
    key("network path was not found", NET_PATH, WithPath),
    key("network name is no longer available", NET_CUT, WithPath),
    key("network name cannot be found", NET_NAME, WithPath),
    // Errors of file work by the names POSIX and libuv give them.
    key("EBUSY", EBUSY, WithPath),
    key("-4082", EBUSY, WithPath),
    key("resource busy or locked", EBUSY, Alone),
    key("[Errno 16]", EBUSY, WithPath),
    key("Device or resource busy", EBUSY, WithPath),
    key("ETXTBSY", ETXTBSY, Alone),
    key("[Errno 26]", ETXTBSY, Alone),
    key("Text file busy", ETXTBSY, Alone),
    key("Could not get lock", EAGAIN, WithPath),
    // Numbers of Windows that are something else elsewhere.
    key("[Error 32]", FILE, OnWindows),
    key("[Error 33]", RANGE, OnWindows),
    key("os error 32", FILE, OnWindows),
    key("os error 33", RANGE, OnWindows),
    key("OS error: 32", FILE, OnWindows),
    key("OS error: 33", RANGE, OnWindows),
    key("system error 32", FILE, OnWindows),
    key("system error 33", RANGE, OnWindows),
    key("system error code 32", FILE, OnWindows),
    key("system error code 33", RANGE, OnWindows),
    key("system error code is 32", FILE, OnWindows),
    key("system error code is 33", RANGE, OnWindows),
    key("Error number 32", FILE, OnWindows),
    key("Error number 33", RANGE, OnWindows),
    key("Win32 error 32", FILE, OnWindows),
    key("Win32 error 33", RANGE, OnWindows),
    key("code: 32", FILE, OnWindows),
    key("code: 33", RANGE, OnWindows),
    key("error '32(", FILE, OnWindows),
    key("error '33(", RANGE, OnWindows),
    key("error 32(", FILE, OnWindows),
    key("error 33(", RANGE, OnWindows),
    // Error 33 in words; before those of 32, which share words with them.
    key("another process has locked", RANGE, OfFile),
    key("ein anderer Prozess einen Teil", RANGE, OfFile),
    key("autre processus a verrouillé", RANGE, OfFile),
    key("autre processus en a verrouillé", RANGE, OfFile),
    key("otro proceso tiene bloquead", RANGE, OfFile),
    key("otro proceso ha bloqueado", RANGE, OfFile),
    key("bloccata da un altro processo", RANGE, OfFile),
    key("altro processo ha bloccato", RANGE, OfFile),
    key("outro processo bloqueou", RANGE, OfFile),
    key("заблокирована другим процессом", RANGE, OfFile),
    key("заблокировал часть файла", RANGE, OfFile),
    key("別のプロセスがファイルの一部をロック", RANGE, Alone),
    key("另一个程序已锁定文件", RANGE, Alone),
    key("另一个进程已锁定", RANGE, OfFile),
    key("다른 프로세스가 파일의 일부", RANGE, Alone),
    key("annen prosess har låst", RANGE, OfFile),
    // Error 32 in words.
    key("used by another process", FILE, OfFile),
    key("in use by another process", FILE, OfFile),
    key("anderen Prozess verwendet", FILE, OfFile),
    key("anderen Prozess benutzt", FILE, OfFile),
    key("utilisé par un autre processus", FILE, OfFile),
    key("utilisation par un autre processus", FILE, OfFile),
    key("utilizado por otro proceso", FILE, OfFile),
    key("utilizado en otro proceso", FILE, OfFile),
    key("usado por otro proceso", FILE, OfFile),
    key("utilizzato da un altro processo", FILE, OfFile),
    key("in uso da un altro processo", FILE, OfFile),
    key("usado por outro processo", FILE, OfFile),
    key("utilizado por outro processo", FILE, OfFile),
    key("занят другим процессом", FILE, OfFile),
    key("используется другим процессом", FILE, OfFile),
    key("別のプロセスが使用中", FILE, OfFile),
    key("別のプロセスで使用されている", FILE, OfFile),
    key("另一个程序正在使用此文件", FILE, Alone),
    key("正由另一进程使用", FILE, OfFile),
    key("正由另一个进程使用", FILE, OfFile),
    key("다른 프로세스가 파일을 사용 중", FILE, Alone),
    key("다른 프로세스에서 사용", FILE, OfFile),
    key("brukes av en annen prosess", FILE, OfFile),
    // What may be a lock.
    key("retrying renaming", DENIED, Possible),
    key("retrying removing", DENIED, Possible),
    key("WinError 5]", DENIED, Possible),
    key("os error 5)", DENIED, Possible),
    key("0x80070005", DENIED, Possible),
    key("5 (0x00000005)", DENIED, Possible),
    key("EACCES", EACCES, Possible),
    key("EPERM", EPERM, Possible),
];

/// How often each of these bytes comes up decides the speed of reading: bytes of a text without any of them hold no
/// key. Every key, and everything else that is looked for, holds one of them whole; the messages hold two, for a line
/// may be broken within one.
pub(crate) static NEEDLES: &[&str] = &[
    "0000043",
    "0000054",
    "0000055",
    "800700",
    "21470248",
    "21479424",
    "32212255",
    "10737417",
    "(0x0000002",
    "(0x2",
    "inError 3",
    "inError 53",
    "inError 64",
    "inError 67",
    "00000be",
    "00000BE",
    "00000cc",
    "00000CC",
    "BAD_NETWORK",
    "etwork path",
    "etwork name",
    "SHARING",
    "haring viol",
    "HARING VIOL",
    "LOCK_",
    "LOCK ",
    "ock viol",
    "errFileAcc",
    "-1032",
    "EBUSY",
    "-4082",
    "busy",
    "rrno 16",
    "rrno 26",
    "ETXTBSY",
    "get lock",
    "rror 3",
    "rror: 3",
    "rror '3",
    "code is 3",
    "code 3",
    "number 3",
    "code: 3",
    "another process",
    "access the file",
    "Prozess",
    "auf die Datei",
    "autre processus",
    "au fichier",
    "otro proceso",
    "al archivo",
    "altro processo",
    "accedere al",
    "outro processo",
    "arquivo",
    "другим процессом",
    "к файлу",
    "часть файла",
    "別のプロセス",
    "アクセスできません",
    "另一",
    "无法访问",
    "다른 프로세스",
    "액세스",
    "annen prosess",
    "tilgang til",
    "OverlappingFile",
    "uppressed",
    "message repeated",
    "retrying re",
    "rror 5",
    "0000005",
    "EACCES",
    "EPERM",
];

/// Texts in which a number of Windows is something else, or a key stands for no file.
pub(super) static VETOES: &[&str] = &[
    "broken pipe",
    "brokenpipe",
    "EPIPE",
    "HttpListener",
    "HTTP prefix",
    "http.sys",
    "UrlPrefix",
    "EDOM",
    "out of domain",
    "address already in use",
    "EADDRINUSE",
    "RTNETLINK",
];

/// Words for file and folder, in the languages of the messages.
pub(super) static FILE_WORDS: &[&str] = &[
    "file",
    "folder",
    "director",
    "Datei",
    "Ordner",
    "fichier",
    "dossier",
    "archivo",
    "fichero",
    "arquivo",
    "ficheiro",
    "pasta",
    "файл",
    "папк",
    "ファイル",
    "文件",
    "파일",
    "filen",
];

/// Words for what else processes use and lock, in the same words as files.
pub(super) static OTHER_WORDS: &[&str] = &[
    "port",
    "puerto",
    "порт",
    "ポート",
    "端口",
    "포트",
    "socket",
    "address",
    "adress",
    "indirizzo",
    "endereço",
    "database",
    "datenbank",
    "база данных",
    "clipboard",
    "camera",
    "device",
];

/// Words that only stand in texts of Windows.
pub(super) static WINDOWS_WORDS: &[&str] =
    &["WindowsError", "Win32", "System.IO.", "HRESULT", "MSExchange", "msg 3634", "Msg 3634"];
