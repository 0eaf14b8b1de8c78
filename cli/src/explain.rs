//! `lockwait explain`: what a code means, in every form that people meet it.

use std::fmt::Write as _;
use std::process::ExitCode;

use lockwait_core::code::Code;

use crate::args::ExplainArgs;
use crate::output;

/// Prints one paragraph for each code.
///
/// # Errors
/// Standard output cannot be written to.
pub(crate) fn run(args: &ExplainArgs) -> Result<ExitCode, String> {
    let paragraphs: Vec<String> = args.codes.iter().copied().map(paragraph).collect();
    output::print(&paragraphs.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn paragraph(code: Code) -> String {
    let mut text = format!("{code}  {}\n  {}\n", code.name().unwrap_or("(unknown)"), code.meaning());
    // Writing to a String cannot fail.
    let _ = writeln!(text, "  cause: {}. {}", code.cause(), code.cause().advice());
    let forms = code.other_forms();
    if !forms.is_empty() {
        let _ = writeln!(text, "  also written: {}", forms.join(", "));
    }
    if let Some(other) = code.look_alike() {
        let _ = writeln!(text, "  not to be confused with: {other}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_win32_error_shows_its_hresult_and_the_errno_of_the_same_number() {
        let text = paragraph(Code::win32(16)) + &paragraph(Code::win32(32));
        for part in ["ERROR_SHARING_VIOLATION", "0x80070020", "-2147024864", "cause: lock", "errno:EBUSY"] {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
    }

    #[test]
    fn a_code_in_no_table_is_said_to_be_unknown() {
        assert!(paragraph(Code::win32(999_999)).contains("(unknown)"));
    }
}
