//! Windows programs run under Wine: 64-bit ones with Debian's `wine64`, 32-bit ones with `wine32` in an i386 root of
//! their own, because a 64-bit Debian has no 32-bit Wine without changing which architectures apt installs.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::debian;
use crate::step::{Trouble, command, run, status, typed};
use crate::{root, target};

/// A way to run Windows programs. Every path of this machine is `Z:` and the path there.
#[derive(Clone, Debug)]
pub(crate) struct Wine {
    /// What goes before the program.
    prefix: Vec<OsString>,
    /// The program that all of them share, and what goes before it.
    server: Vec<OsString>,
    variables: Vec<(&'static str, OsString)>,
}

/// What Wine is told in every case: no chatter, no windows that ask for Mono or Gecko.
const QUIET: [(&str, &str); 2] = [("WINEDEBUG", "-all"), ("WINEDLLOVERRIDES", "mscoree,mshtml=")];

/// Has Wine's server stay for so many seconds after its last program.
const STAY: &str = "--persistent=600";

/// Makes a namespace of mounts that ends with the command, so that nothing stays mounted: /proc, /dev and the folders
/// that tests work in, at the paths they have outside. Arguments: the root, how many folders, the folders, the command.
const ENTER: &str = r#"
set -eu
root=$1 count=$2
shift 2
mount --bind /proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$count" -gt 0 ]; do
    mkdir -p "$root$1"
    mount --bind "$1" "$root$1"
    shift
    count=$((count - 1))
done
exec chroot "$root" "$@"
"#;

impl Wine {
    /// Wine for 64-bit programs.
    ///
    /// # Errors
    /// It cannot be installed here.
    pub(crate) fn x86_64() -> Result<Wine, Trouble> {
        debian::ensure(&["wine64"])?;
        let listed = command("dpkg-query", ["--listfiles", "wine64"]).output()?.stdout;
        let listed = String::from_utf8_lossy(&listed);
        let program = |name: &str| {
            let found = listed.lines().find(|path| path.ends_with(name) && Path::new(path).is_file());
            found.map(OsString::from).ok_or_else(|| format!("Debian's package wine64 has no program {name}"))
        };
        let home = target().join("wine64");
        let mut variables = quiet();
        variables.push(("WINEPREFIX", home.clone().into()));
        let server = vec![program("/wineserver64")?];
        Wine { prefix: vec![program("/wine64")?], server, variables }.warmed_up(&home, "x86_64")
    }

    /// Wine for 32-bit programs: made once, which takes some minutes, under the target folder.
    ///
    /// # Errors
    /// The root cannot be made here, or this is not root.
    pub(crate) fn i686() -> Result<Wine, Trouble> {
        let base = i386_root().map_err(|trouble| {
            format!("no 32-bit Wine: {trouble}\n(--without-wine32 leaves out what needs it, and says so)")
        })?;
        let folders = [root(), target()];
        for folder in &folders {
            fs::create_dir_all(folder)?;
        }
        let mut prefix: Vec<OsString> =
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "sh"].map(OsString::from).into();
        prefix.push(base.clone().into());
        prefix.push(folders.len().to_string().into());
        prefix.extend(folders.map(OsString::from));
        let mut server = prefix.clone();
        server.push("/usr/lib/wine/wineserver32".into());
        prefix.push("/usr/lib/wine/wine".into());
        let mut variables = quiet();
        variables.push(("HOME", "/root".into()));
        variables.push(("WINEPREFIX", "/root/.wine".into()));
        Wine { prefix, server, variables }.warmed_up(&base.join("root/.wine"), "i686")
    }

    /// The command that runs `program`.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = self.prefixed(&self.prefix);
        command.arg(program);
        command
    }

    fn prefixed(&self, words: &[OsString]) -> Command {
        let mut command = command(&words[0], &words[1..]);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// What cargo is told to run tests with, in the variable `CARGO_TARGET_…_RUNNER`; only for a plain prefix.
    pub(crate) fn apply_to(&self, cargo: &mut Command, target: &str) {
        let name = format!("CARGO_TARGET_{}_RUNNER", target.replace('-', "_").to_uppercase());
        cargo.env(name, &self.prefix[0]).envs(self.variables.iter().map(|(name, value)| (name, value)));
    }

    /// Has the Windows folders made in `home`, so that no test waits for that, and puts in what this Wine lacks.
    fn warmed_up(self, home: &Path, processor: &str) -> Result<Wine, Trouble> {
        // The server, unlike the programs that start it, does not make its folder.
        fs::create_dir_all(home)?;
        // By itself the server ends a moment after its last program, and one that starts in that moment fails. Where a
        // server runs already, this one gives up with 2.
        let ended = status(self.prefixed(&self.server).arg(STAY).stdout(Stdio::null()).stderr(Stdio::null()))?;
        if !matches!(ended.code(), Some(0 | 2)) {
            return Err(format!("Wine's server cannot be started ({ended})").into());
        }
        // Wine's own services are started by the first program, and hold its output open as long as they live: here
        // it is nobody's.
        run(self.command(Path::new("wineboot.exe")).arg("--init").stdout(Stdio::null()).stderr(Stdio::null()))?;
        let missing = home.join("drive_c/windows/system32/bcryptprimitives.dll");
        if !missing.exists() {
            debian::ensure(&debian::MINGW)?;
            // Windows exports 32-bit functions under their bare names, without the size of what they take.
            let words = ["-shared", "-nostartfiles", "-O1", "-Wl,--kill-at", "-o"];
            run(command(format!("{processor}-w64-mingw32-gcc-win32"), words)
                .arg(&missing)
                .args([root().join("xtask/src/wine/prng.c").as_os_str(), "-ladvapi32".as_ref()]))?;
        }
        Ok(self)
    }
}

/// How Windows programs spell a path of this machine.
pub(crate) fn windows_path(path: &Path) -> OsString {
    let mut spelt = OsString::from("Z:");
    spelt.push(path);
    spelt
}

fn quiet() -> Vec<(&'static str, OsString)> {
    QUIET.map(|(name, value)| (name, value.into())).into()
}

/// The i386 root, made if it is not there yet. One that was not finished is thrown away.
fn i386_root() -> Result<PathBuf, Trouble> {
    let (ready, making) = (target().join("wine32"), target().join("wine32.making"));
    if ready.is_dir() {
        return Ok(ready);
    }
    debian::ensure(&["debootstrap"])?;
    if making.exists() {
        fs::remove_dir_all(&making)?;
    }
    let (suite, mirror) = apt_source()?;
    let mut make = command("debootstrap", ["--arch=i386", "--variant=minbase", "--include=wine32"]);
    make.arg(suite).arg(&making).arg(mirror);
    println!("making the i386 root: {}", typed(&make));
    let log = target().join("wine32.log");
    let file = fs::File::create(&log)?;
    let made = make.stdout(file.try_clone()?).stderr(file).status()?;
    if !made.success() {
        let text = fs::read_to_string(&log).unwrap_or_default();
        let end: Vec<&str> = text.lines().rev().take(3).collect();
        return Err(format!("{} failed; {} ends with: {end:?}", typed(&make), log.display()).into());
    }
    fs::rename(&making, &ready)?;
    Ok(ready)
}

/// The suite and mirror that apt is set up with: the first source of Debian itself.
fn apt_source() -> Result<(String, String), Trouble> {
    let words = ["indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages", "Origin: Debian"];
    let output = command("apt-get", words).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let source = text.lines().find_map(|line| line.split_once(' '));
    let (suite, mirror) = source.ok_or("apt knows no source of Debian packages; try apt-get update")?;
    Ok((suite.to_owned(), mirror.to_owned()))
}
