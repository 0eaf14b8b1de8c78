//! `lockwait explain`: what a code means, in every form that people meet it.

use std::fmt::Write as _;
use std::process::ExitCode;

use lockwait_core::code::{Code, Domain};

use crate::args::ExplainArgs;
use crate::output;

/// Facility and severity of an HRESULT that wraps a Win32 error (winerror.h, `HRESULT_FROM_WIN32`).
const HRESULT_WIN32: u32 = 0x8007_0000;
/// The bit of an HRESULT that wraps an NTSTATUS (winerror.h, `FACILITY_NT_BIT`).
const HRESULT_NT: u32 = 0x1000_0000;

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
    let forms = other_forms(code);
    if !forms.is_empty() {
        let _ = writeln!(text, "  also written: {}", forms.join(", "));
    }
    if code.domain() == Domain::Win32
        && let errno = Code::errno(code.value())
        && let Some(name) = errno.name()
    {
        let _ = writeln!(
            text,
            "  not to be confused with: {errno} ({}), written {name} or errno:{}",
            errno.meaning(),
            code.value()
        );
    }
    text
}

/// The other ways in which logs and programs write this code.
fn other_forms(code: Code) -> Vec<String> {
    let value = code.value();
    let wrapped = |hresult: u32| vec![format!("HRESULT {hresult:#010x}"), hresult.cast_signed().to_string()];
    match code.domain() {
        Domain::Win32 if value <= 0xffff => {
            let numbers = [value.to_string(), format!("{value:#x}")];
            [numbers.to_vec(), wrapped(HRESULT_WIN32 | value)].concat()
        }
        Domain::Win32 => vec![value.to_string(), format!("{value:#x}")],
        Domain::NtStatus => [vec![value.cast_signed().to_string()], wrapped(value | HRESULT_NT)].concat(),
        Domain::Errno => vec![format!("errno:{value}"), format!("-{value}")],
        Domain::Ncp | Domain::Lockwait => Vec::new(),
    }
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
    fn every_form_that_is_printed_is_read_back_as_the_same_code() {
        for code in [Code::win32(32), Code::win32(5), Code::ntstatus(0xc000_0043), Code::errno(11)] {
            for form in other_forms(code) {
                let form = form.strip_prefix("HRESULT ").unwrap_or(&form);
                assert_eq!(Code::parse(form), Ok(code), "{form}");
            }
        }
    }

    #[test]
    fn a_code_in_no_table_is_said_to_be_unknown() {
        assert!(paragraph(Code::win32(999_999)).contains("(unknown)"));
    }
}
