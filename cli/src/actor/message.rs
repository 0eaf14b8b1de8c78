//! The gateway: a message's attachments and body first, its header last.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use lockwait_core::time::Span;

use super::write::create;
use super::{At as _, Content, Format, Stage, Stop, Verb};

/// Write a gateway message: attachments, body, and the header last.
#[derive(Args)]
pub(super) struct Message {
    /// The header, `…/API_OUT/NAME.API`; the rest goes into the sibling folder `ATT_OUT`.
    header: PathBuf,
    /// Names of the attachments in `ATT_OUT`.
    #[arg(long = "attach")]
    attachments: Vec<String>,
    /// Bytes in the body and in each attachment.
    #[arg(long, default_value_t = 4096)]
    bytes: usize,
    /// Time from each part to the next.
    #[arg(long, default_value = "0", value_parser = Span::parse)]
    every: Span,
}

impl Message {
    pub(super) fn play(self, stage: &Stage) -> Result<(), Stop> {
        let name = self.header.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let out = self.header.parent().and_then(|folder| folder.parent()).unwrap_or(&self.header).join("ATT_OUT");
        let body = format!("{name}.BDY");
        for part in self.attachments.iter().chain([&body]) {
            let path = out.join(part);
            let mut file = create(&path, None)?;
            let mut content = Content::new(&format!("{name}/{part}"), Format::Raw);
            file.write_all(&content.next(self.bytes)).at(&path)?;
            stage.pause(self.every)?;
            drop(file);
            stage.tell(Verb::Closed, &path, Some(&content))?;
        }
        // The header is written in two halves, so that for a while it is there, unlocked and unfinished.
        let (head, end) = (header(&name, &body, &self.attachments), "-END-\r\n");
        let mut content = Content::new(&name, Format::Raw);
        let mut file = create(&self.header, None)?;
        for half in [head.as_str(), end] {
            file.write_all(half.as_bytes()).at(&self.header)?;
            content.verbatim(half.as_bytes());
            stage.tell(Verb::Wrote, &self.header, Some(&content))?;
            if half != end {
                drop(file);
                stage.pause(self.every)?;
                file = std::fs::OpenOptions::new().append(true).open(&self.header).at(&self.header)?;
            }
        }
        drop(file);
        stage.tell(Verb::Closed, &self.header, Some(&content))
    }
}

/// The text of a header up to its `-END-`, as the gateway writes it.
fn header(name: &str, body: &str, attachments: &[String]) -> String {
    let mut text = format!("WPC-API= 1.2;\r\nHeader-Char= T50;\r\nMsg-Type= Mail;\r\nMsg-ID= {name};\r\n");
    text.push_str(&format!("Msg-File= {body};\r\n"));
    let item = |stored: &String| format!("\tCurrent-File= {stored};\r\n\tOriginal-File= {stored};");
    let items: Vec<String> = attachments.iter().map(item).collect();
    if !items.is_empty() {
        text.push_str(&format!("Attach-File=\r\n{} ;\r\n", items.join(" ,\r\n")));
    }
    text
}
