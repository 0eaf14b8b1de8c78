//! `cargo xtask examples`: the programs of ffi/examples, built against the libraries in target/dist, and put to the test.
//!
//! | module | what it holds |
//! |---|---|
//! | `kit` | one flavour of the library with the compilers and the Wine that go with it |
//! | `scene` | what a gateway leaves for the connectors, troubles included |
//! | `play` | the connectors at work on a scene |
//! | `killed` | connector.c killed in the middle of its work |
//! | `verify` | whether everything arrived as it must |
//! | `small` | the short examples: C++ and Python |
//! | `holder` | another program that has a file open |
//! | `guide` | the code in docs/embedding.md |

mod guide;
mod holder;
mod killed;
mod kit;
mod play;
mod scene;
mod small;
mod verify;

use std::thread;

use clap::Args;

use crate::dll;
use crate::step::Trouble;
use kit::Kit;

/// Build the examples against the libraries in target/dist and run them, under Wine too.
#[derive(Args, Default)]
pub(crate) struct Examples {
    /// Only flavours whose name has this in it: "linux", "x86_64", "legacy".
    #[arg(value_name = "PART")]
    pub(crate) only: Option<String>,
    /// Leave out what needs 32-bit Wine, and say so.
    #[arg(long)]
    pub(crate) without_wine32: bool,
    /// Use the libraries that are in target/dist.
    #[arg(long)]
    pub(crate) no_build: bool,
}

impl Examples {
    /// Builds and runs them.
    ///
    /// # Errors
    /// The first example that does not build, or does not do what it is there to show.
    pub(crate) fn run(self) -> Result<(), Trouble> {
        let wanted = |name: &str| self.only.as_ref().is_none_or(|part| name.contains(part.as_str()));
        let kits: Vec<Kit> = kit::kits().into_iter().filter(|kit| wanted(&kit.name)).collect();
        for kit in &kits {
            if !self.no_build {
                dll::build(&kit.product)?;
            }
            kit.prepare()?;
        }
        guide::check(&kits)?;
        let mut stages = Vec::new();
        for kit in &kits {
            let stage = kit.stage(self.without_wine32)?;
            if stage.is_none() {
                println!("{}: built; NOT run, for that needs 32-bit Wine", kit.name);
            }
            stages.extend(stage);
        }
        for stage in &stages {
            small::run(stage)?;
            killed::run(stage)?;
        }
        // A scene lasts half a minute, nearly all of it waiting: they are played at the same time.
        let played: Vec<_> = thread::scope(|scope| {
            // Errors go from thread to thread as words.
            let play = |stage| play::play(stage).map_err(|trouble| trouble.to_string());
            let plays: Vec<_> = stages.iter().map(|stage| scope.spawn(move || play(stage))).collect();
            plays.into_iter().map(|play| play.join().unwrap_or_else(|_| Err("the play panicked".into()))).collect()
        });
        for (stage, outcome) in stages.iter().zip(played) {
            println!("{}", outcome.map_err(|why| format!("{}: {why}", stage.kit.name))?);
        }
        Ok(())
    }
}
