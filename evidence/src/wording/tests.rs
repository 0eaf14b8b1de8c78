use lockwait_core::code::Code;

use super::*;

const SHARING: Code = Code::win32(32);
const RANGE: Code = Code::win32(33);

/// The one failure in `text`: its code, its path and the other path.
fn one(text: &str) -> (Code, String, Option<String>) {
    let found = find_all(text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    let failure = found.into_iter().next().unwrap();
    assert!(failure.is_certain, "{text}");
    (failure.code, failure.path.unwrap_or_default(), failure.other)
}

fn is(text: &str, code: Code, path: &str) {
    let (found, at, _) = one(text);
    assert_eq!((found, at.as_str()), (code, path), "{text}");
}

#[test]
fn error_32_is_known_in_eleven_languages_with_and_without_a_path() {
    let p = r"C:\Ablage\Größe 1\rechnung.pdf";
    let forms: [(&str, &str); 11] = [
        (
            "The process cannot access the file because it is being used by another process.",
            "The process cannot access the file '{}' because it is being used by another process.",
        ),
        (
            "Der Prozess kann nicht auf die Datei zugreifen, da sie von einem anderen Prozess verwendet wird.",
            "Der Prozess kann nicht auf die Datei \"{}\" zugreifen, da sie von einem anderen Prozess verwendet wird.",
        ),
        (
            "Le processus ne peut pas accéder au fichier car ce fichier est utilisé par un autre processus.",
            "Le processus ne peut pas accéder au fichier '{}', car il est en cours d'utilisation par un autre processus.",
        ),
        (
            "El proceso no tiene acceso al archivo porque está siendo utilizado por otro proceso.",
            "El proceso no puede obtener acceso al archivo '{}' porque está siendo utilizado en otro proceso.",
        ),
        (
            "Impossibile accedere al file. Il file è utilizzato da un altro processo.",
            "Il processo non può accedere al file '{}' perché è in uso da un altro processo.",
        ),
        (
            "O arquivo já está sendo usado por outro processo.",
            "O processo não pode acessar o arquivo '{}' porque ele está sendo usado por outro processo.",
        ),
        (
            "Процесс не может получить доступ к файлу, так как этот файл занят другим процессом.",
            "Процесс не может получить доступ к файлу \"{}\", так как этот файл используется другим процессом.",
        ),
        (
            "プロセスはファイルにアクセスできません。別のプロセスが使用中です。",
            "別のプロセスで使用されているため、プロセスはファイル '{}' にアクセスできません。",
        ),
        ("另一个程序正在使用此文件，进程无法访问。", "文件“{}”正由另一进程使用，因此该进程无法访问此文件。"),
        (
            "다른 프로세스가 파일을 사용 중이기 때문에 프로세스가 액세스 할 수 없습니다.",
            "다른 프로세스에서 사용 중이므로 프로세스에서 '{}' 파일에 액세스할 수 없습니다.",
        ),
        (
            "Prosessen får ikke tilgang til filen fordi den brukes av en annen prosess.",
            "Prosessen får ikke tilgang til filen {} fordi den brukes av en annen prosess.",
        ),
    ];
    for (bare, named) in forms {
        is(bare, SHARING, "");
        is(&named.replace("{}", p), SHARING, p);
        for quotes in [["'", "'"], ["\"", "\""], ["“", "”"], ["«", "»"]] {
            let bare =
                ["'{}'", "\"{}\"", "“{}”"].iter().fold(named.to_string(), |text, quoted| text.replace(quoted, "{}"));
            let named = bare.replace("{}", &[quotes[0], p, quotes[1]].concat());
            is(&named, SHARING, p);
        }
        // Wrapped at a narrow terminal, and with the blanks that do not break.
        is(&bare.replace(' ', "\n"), SHARING, "");
        is(&bare.replace(' ', "\r\n    "), SHARING, "");
        is(&bare.replace(' ', "\u{a0}"), SHARING, "");
        assert!(announces(bare.as_bytes()), "{bare}");
        for at in 0..bare.len() {
            if bare.as_bytes()[at] == b' ' {
                let wrapped = [&bare[..at], "\n", &bare[at + 1..]].concat();
                assert!(announces(wrapped.as_bytes()), "{wrapped}");
            }
        }
    }
}

#[test]
fn error_33_is_known_in_eleven_languages_and_is_not_error_32() {
    for text in [
        "The process cannot access the file because another process has locked a portion of the file.",
        "Der Prozess kann nicht auf die Datei zugreifen, da ein anderer Prozess einen Teil der Datei gesperrt hat.",
        "Le processus ne peut pas accéder au fichier, car un autre processus a verrouillé une partie du fichier.",
        "Le processus ne peut pas accéder au fichier car un autre processus en a verrouillé une partie.",
        "El proceso no tiene acceso al archivo porque otro proceso tiene bloqueado una porción del archivo.",
        "El proceso no tiene acceso al archivo porque otro proceso tiene bloqueada una parte del archivo.",
        "Impossibile accedere al file. Una parte del file è bloccata da un altro processo.",
        "O processo não pode acessar o arquivo porque outro processo bloqueou uma parte dele.",
        "Процесс не может получить доступ к файлу, так как часть этого файла заблокирована другим процессом.",
        "プロセスはファイルにアクセスできません。別のプロセスがファイルの一部をロックしています。",
        "另一个程序已锁定文件的一部分，进程无法访问。",
        "다른 프로세스가 파일의 일부를 잠갔기 때문에 프로세스가 액세스 할 수 없습니다.",
        "Prosessen får ikke tilgang til filen fordi en annen prosess har låst en del av filen.",
    ] {
        is(text, RANGE, "");
        assert!(announces(text.as_bytes()), "{text}");
    }
}

#[test]
fn numbers_that_say_whose_they_are_need_no_words() {
    for (text, code) in [
        ("open a.dat: hr=0x80070020", SHARING),
        ("HRESULT 80070021", RANGE),
        ("(Exception from HRESULT: 0x80070020)", SHARING),
        ("status 0xC0000043", Code::ntstatus(0xc000_0043)),
        ("STATUS_SHARING_VIOLATION (0xc0000043)", Code::ntstatus(0xc000_0043)),
        ("NT_STATUS_FILE_LOCK_CONFLICT", Code::ntstatus(0xc000_0054)),
        ("rc 3221225539", Code::ntstatus(0xc000_0043)),
        ("rc 3221225556", Code::ntstatus(0xc000_0054)),
        ("rc -2147024864", SHARING),
        ("rc 2147942433", RANGE),
        ("ERROR_LOCK_VIOLATION", RANGE),
        ("error -1032 (0xfffffbf8)", SHARING),
        ("[WinError 33] ", RANGE),
    ] {
        assert_eq!(one(text).0, code, "{text}");
    }
}

#[test]
fn numbers_and_words_that_mean_something_else_do_not_count() {
    for text in [
        "took 32 ms, 33 files, error 32",
        "code 32",
        "Error: Broken pipe (os error 32)",
        "Os { code: 32, kind: BrokenPipe, message: \"Broken pipe\" }",
        "write to C:\\pipe failed: Broken pipe (os error 32)",
        "Numerical argument out of domain (os error 33)",
        "System.Net.HttpListenerException (32): The process cannot access the file because it is being used by another \
         process.",
        "System.Net.HttpListenerException (0x80004005): 0x80070020 The process cannot access the file because it is \
         being used by another process",
        "FILE LOCKED WITH ONLY READERS C:\\Windows\\a.dll",
        "FILE LOCKED WITH WRITERS C:\\Windows\\a.dll",
        "RANGE_NOT_LOCKED, RANGE NOT LOCKED 0xc000007e",
        "java.nio.channels.OverlappingFileLockException: null",
        "Port 3000 is already in use by another process",
        "Порт 3000 используется другим процессом",
        "ポート6000が既に別のプロセスで使用されている",
        "ask 1800700201 and 0x800700201 and 13221225539",
        "RTNETLINK answers: Device or resource busy",
        "umount: target is busy; EBUSY",
        "flags 132 (0x00000020) x",
        "Access granted",
    ] {
        assert_eq!(find_all(text), [], "{text}");
    }
}

#[test]
fn the_path_is_found_wherever_the_message_has_it() {
    let serilog = "System.IO.IOException: The process cannot access the file 'D:\\in\\a b.pdf' because it is being used \
                   by another process.\n   at System.IO.FileStream..ctor(String path) in C:\\src\\F.cs:line 42";
    is(serilog, SHARING, r"D:\in\a b.pdf");
    is(
        "ERROR Unable to delete file D:\\iaf\\x.bak: java.nio.file.FileSystemException D:\\iaf\\x.bak: The process \
         cannot access the file because it is being used by another process.",
        SHARING,
        r"D:\iaf\x.bak",
    );
    is(
        "Failed to process file: C:\\U\\NTUSER.DAT. Error message: The process cannot access the file 'C:\\U\\NTUSER.DAT' \
         because it is being used by another process.",
        SHARING,
        r"C:\U\NTUSER.DAT",
    );
    is(
        "testing.go:1090: TempDir RemoveAll cleanup: remove C:\\Temp\\T1\\001\\f.txt: The process cannot access the file \
         because it is being used by another process.",
        SHARING,
        r"C:\Temp\T1\001\f.txt",
    );
    is(
        "WindowsError: [Error 32] The process cannot access the file because it is being used by another process: \
         'C:\\\\windows\\\\a\\\\b.dat'",
        SHARING,
        r"C:\windows\a\b.dat",
    );
    is(
        "CreateFile(The process cannot access the file because it is being used by another process.32) : L:\\m\\x.pst",
        SHARING,
        r"L:\m\x.pst",
    );
    is(
        "The process cannot access the file because another process has locked a portion of the file.\n(Error number 33) \
         on file \\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\x.edb",
        RANGE,
        r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\x.edb",
    );
    is(
        "SMBApiException: STATUS_SHARING_VIOLATION (0xc0000043): Create failed for \\\\host\\share\\in\\a.csv",
        Code::ntstatus(0xc000_0043),
        r"\\host\share\in\a.csv",
    );
    is(
        "2026/10/08 15:12:22 ERROR 32 (0x00000020) Copying File C:\\Data\\my file.mdb\r\nThe process cannot access the \
         file because it is being used by another process.\r\n",
        SHARING,
        r"C:\Data\my file.mdb",
    );
    is(
        "Msg 3634 The operating system returned the error '32(The process cannot access the file because it is being \
         used by another process.)' while attempting 'OpenFile' on 'D:\\db\\x.mdf'.",
        SHARING,
        r"D:\db\x.mdf",
    );
    is(
        "{ Error: EBUSY: resource busy or locked, unlink 'C:\\t\\a.log'\n  errno: -4082, code: 'EBUSY', syscall: 'unlink' }",
        Code::errno(16),
        r"C:\t\a.log",
    );
    is("OSError: [Errno 16] Device or resource busy: '/cygdrive/c/U/x.dat'", Code::errno(16), "/cygdrive/c/U/x.dat");
    is("cp: cannot create regular file '/opt/bin/tool': Text file busy", Code::errno(26), "/opt/bin/tool");
    is("j50.log | 1,000 KB | 01/16/2001 4:32:23 PM | a | Skipped (SHARING VIOLATION)", SHARING, "j50.log");
    is("NOTICE: docs/a b.txt: Remove detected sharing violation - retry 1/10 sleeping 1ms", SHARING, "docs/a b.txt");
    is(
        "  Error opening file reports/q3.xlsx (NT_STATUS_SHARING_VIOLATION) (local_flags=0)",
        Code::ntstatus(0xc000_0043),
        "reports/q3.xlsx",
    );
    is(
        "к файлу 'C:\\1c\\v8.1cd'. 32(0x00000020): Процесс не может получить доступ к файлу, так как этот файл занят другим процессом.",
        SHARING,
        r"C:\1c\v8.1cd",
    );
}

#[test]
fn of_two_paths_the_one_that_the_message_names_else_the_source_is_locked() {
    let text = r"PermissionError: [WinError 32] The process cannot access the file because it is being used by another process: 'C:\\a\\s.txt' -> 'C:\\b\\d.txt'";
    assert_eq!(one(text), (SHARING, r"C:\a\s.txt".into(), Some(r"C:\b\d.txt".into())));
    let go = r"[ERROR] x: rename C:\logs\n.log C:\logs\n.1.log: The process cannot access the file because it is being used by another process.";
    assert_eq!(one(go), (SHARING, r"C:\logs\n.log".into(), Some(r"C:\logs\n.1.log".into())));
    let npm = "npm ERR! code EBUSY\nnpm ERR! errno -4082\nnpm ERR! syscall rename\nnpm ERR! EBUSY: resource busy or locked, rename 'C:\\p\\node_modules\\a' -> 'C:\\p\\node_modules\\.a-1'";
    assert_eq!(one(npm), (Code::errno(16), r"C:\p\node_modules\a".into(), Some(r"C:\p\node_modules\.a-1".into())));
    let msbuild = r#"73>C:\B\M.targets(5150,5): warning MSB3026: Could not copy "C:\o\a.dll" to "C:\bin\a.dll". Beginning retry 1 in 1000ms. The process cannot access the file 'C:\bin\a.dll' because it is being used by another process. The file is locked by: "MSBuild.exe (19884), fsc.exe (1812)" [C:\p\x.csproj]"#;
    assert_eq!(one(msbuild), (SHARING, r"C:\bin\a.dll".into(), None));
    let router = r"failed to move file 'D:\API_OUT\1.API' to 'E:\GW2MEXA\1.API'. The system error code is 32, The process cannot access the file because it is being used by another process.";
    assert_eq!(one(router), (SHARING, r"D:\API_OUT\1.API".into(), Some(r"E:\GW2MEXA\1.API".into())));
}

#[test]
fn access_denied_is_only_possibly_a_lock() {
    for text in
        [r"rename C:\a C:\b: Access is denied. (os error 5)", "EPERM: operation not permitted, rename 'C:\\a.txt'"]
    {
        let found = find_all(text).remove(0);
        assert!(!found.is_certain, "{text}");
    }
    let rustup = "info: retrying renaming 'C:\\r\\tmp\\a' to 'C:\\r\\tools\\a'";
    let found = find_all(rustup).remove(0);
    assert_eq!((found.path.as_deref(), found.is_certain), (Some(r"C:\r\tmp\a"), false));
    assert!(retry(rustup).is_some());
}

/// Whether a needle stands in the text.
fn announces(text: &[u8]) -> bool {
    telling_words().are_in(text, |group| group == FAILURE)
}

#[test]
fn every_key_is_announced_by_a_needle() {
    for key in KEYS {
        assert!(announces(key.text.as_bytes()), "{}", key.text);
    }
}

#[test]
fn retries_are_told_with_their_number_and_pause() {
    let said = |text| retry(text).map(|found| (found.number, found.of, found.pause.map(|pause| pause.as_millis())));
    assert_eq!(said("Beginning retry 1 in 1000ms. The"), Some((Some(1), None, Some(1000))));
    assert_eq!(said("violation - retry 1/10 sleeping 1ms"), Some((Some(1), Some(10), Some(1))));
    assert_eq!(said("Waiting 30 seconds... Retrying..."), Some((None, None, Some(30_000))));
    assert_eq!(said("attempt 3 of 5 failed, retrying in 1.5 s"), Some((Some(3), Some(5), Some(1500))));
    assert_eq!(said("npm WARN retry will retry, error on last attempt: Error"), Some((None, None, None)));
    assert_eq!(said("An attempt to open the file failed"), None);
    assert_eq!(said("entry 5 of the country 7 registry"), None);
}

#[test]
fn holders_are_read_with_name_and_process() {
    let names = |text| holders(text).into_iter().map(|h| (h.name, h.pid.unwrap())).collect::<Vec<_>>();
    assert_eq!(
        names(r#"The file is locked by: "MSBuild.exe (19884), fsc.exe (1812)" [C:\p (3).csproj]"#),
        [("MSBuild.exe".to_string(), 19884), ("fsc.exe".to_string(), 1812)]
    );
    assert_eq!(names("It is held by process 1234 (unattended-upgr)"), [("unattended-upgr".to_string(), 1234)]);
    assert_eq!(names("it is being used by another process (really)"), []);
    assert_eq!(names("locked by Outlook (PID: 77)"), [("Outlook".to_string(), 77)]);
}

#[test]
fn what_was_left_out_is_told() {
    assert_eq!(omission("last message repeated 12 times"), Some(Omission::Repeated(12)));
    assert_eq!(omission("message repeated 2 times: [ x ]"), Some(Omission::Repeated(2)));
    assert_eq!(omission("Suppressed 7124 messages from x.service"), Some(Omission::Suppressed(Some(7124))));
    assert_eq!(omission("cifs_open: 41 callbacks suppressed"), Some(Omission::Suppressed(Some(41))));
    assert_eq!(omission("\tSuppressed: java.nio.file.FileSystemException"), None);
}

#[test]
fn the_end_is_told() {
    assert!(gives_up("ERROR: RETRY LIMIT EXCEEDED."));
    assert!(gives_up("error MSB3027: Could not copy. Exceeded retry count of 10. Failed."));
    assert!(gives_up("giving up on a.txt") && gives_up("failed after 10 attempts"));
    assert!(!gives_up("failed after 30 ms"));
    assert!(succeeds("rename succeeded after 3 retries") && succeeds("copied 'a' to 'b'"));
    assert!(!succeeds("could not be copied") && !succeeds("a.txt will be moved") && !succeeds("unsuccessful"));
}
