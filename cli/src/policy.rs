//! The policy that the command line asks for.

use std::fs;
use std::path::Path;

use lockwait_core::policy::Policy;

use crate::args::PolicyArgs;

/// The policy file's values, with the single values of the command line before them.
///
/// # Errors
/// A sentence that names the file or the key and what is wrong with it.
pub(crate) fn from_args(args: &PolicyArgs) -> Result<Policy, String> {
    let mut policy = args.policy.as_deref().map_or_else(|| Ok(Policy::default()), read)?;
    for setting in args.settings() {
        policy.set(setting.key, &setting.value).map_err(|error| error.to_string())?;
    }
    policy.check().map_err(|error| error.to_string())?;
    Ok(policy)
}

/// Reads a policy file: JSON when its first character is a brace, otherwise TOML.
///
/// # Errors
/// A sentence that names the file and what is wrong with it.
pub(crate) fn read(path: &Path) -> Result<Policy, String> {
    let fault = |error: &dyn std::fmt::Display| format!("the policy file '{}': {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| fault(&error))?;
    let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    let policy = if is_json { Policy::from_json(&text) } else { Policy::from_toml(&text) };
    policy.map_err(|error| fault(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command};
    use clap::Parser;
    use lockwait_core::time::Span;

    fn policy(text: &str, flags: &str) -> Result<Policy, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        let words = "lockwait watch in --into out".split(' ').chain(flags.split_whitespace());
        let Command::Watch(watch) = Cli::try_parse_from(words).unwrap().command else { panic!() };
        let args = PolicyArgs { policy: Some(file.path().to_owned()), ..watch.engine.policy };
        from_args(&args)
    }

    #[test]
    fn files_are_toml_or_json_by_their_content() {
        for text in ["retry = \"50ms\"\nquiet = \"1s\"", " {\"retry\": \"50ms\", \"quiet\": \"1s\"}"] {
            let policy = policy(text, "").unwrap();
            assert_eq!((policy.retry, policy.quiet), (Span::from_millis(50), Span::from_secs(1)));
        }
    }

    #[test]
    fn flags_go_before_the_file() {
        let policy = policy("retry = \"50ms\"\nquiet = \"1s\"", "--quiet 2s").unwrap();
        assert_eq!((policy.retry, policy.quiet), (Span::from_millis(50), Span::from_secs(2)));
    }

    #[test]
    fn faults_name_the_file_or_the_key() {
        assert!(policy("rety = \"50ms\"", "").unwrap_err().contains("'retry'"));
        assert!(policy("retry_cap = \"1s\"", "--retry 2s").unwrap_err().contains("retry_cap"));
        assert!(read(Path::new("/nonexistent/p.toml")).unwrap_err().contains("p.toml"));
    }
}
