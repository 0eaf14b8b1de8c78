//! Whole stories on virtual time: writers, scanners, sweeping backups, other consumers, outages, full disks, stuck
//! holders, messages with attachments, under the nine rules that `rules.rs` lists.
//!
//! A seed that fails is printed; `LOCKWAIT_SEED=n cargo test -p lockwait-core --test simulator` runs it alone. With
//! `LOCKWAIT_TRACES=folder`, the traces that are replayed are kept there.

mod random;
mod rules;
mod run;
mod world;

use lockwait_core::trace;

use run::{Telling, run};

/// Seeds of an ordinary run.
const SEEDS: u64 = 1_000;

fn seeds() -> Vec<u64> {
    match std::env::var("LOCKWAIT_SEED").ok().and_then(|seed| seed.parse().ok()) {
        Some(seed) => vec![seed],
        None => (0..SEEDS).collect(),
    }
}

/// Whether a single seed was asked for.
fn alone() -> bool {
    std::env::var_os("LOCKWAIT_SEED").is_some()
}

/// Runs every seed, and names those that broke a rule.
fn for_every_seed(check: impl Fn(u64) -> Result<(), String>) {
    let failed: Vec<String> =
        seeds().into_iter().filter_map(|seed| check(seed).err().map(|why| format!("seed {seed}: {why}"))).collect();
    let shown = failed.iter().take(10).cloned().collect::<Vec<_>>().join("\n");
    assert!(failed.is_empty(), "{} seeds failed; run one with LOCKWAIT_SEED=n\n{shown}", failed.len());
}

#[test]
fn the_nine_rules_hold_in_every_story() {
    let mut totals = rules::Totals::default();
    let totals_cell = std::cell::RefCell::new(&mut totals);
    for_every_seed(|seed| run(seed, Telling::Brief).map(|story| totals_cell.borrow_mut().add(&story)));
    println!("{totals:?}");
    if !alone() {
        // The stories must really contain what the rules are about.
        totals.assert_all_happened();
    }
}

#[test]
fn a_story_told_again_is_the_same_and_so_is_its_replay() {
    for_every_seed(|seed| {
        if !seed.is_multiple_of(8) && !alone() {
            return Ok(());
        }
        let story = run(seed, Telling::Traced)?;
        if let Some(folder) = std::env::var_os("LOCKWAIT_TRACES") {
            let path = std::path::Path::new(&folder).join(format!("seed-{seed}.trace"));
            std::fs::write(&path, &story.trace).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        let replayed = trace::replay(&story.trace, None).map_err(|error| error.to_string())?;
        if Some(replayed.digest) != story.digest {
            return Err("the replay has another digest".into());
        }
        (run(seed, Telling::Traced)?.trace == story.trace).then_some(()).ok_or_else(|| "two runs differ".into())
    });
}

#[test]
fn a_router_restored_from_a_snapshot_goes_on_as_if_nothing_had_happened() {
    for_every_seed(|seed| {
        // The moments are chosen where no action is outstanding; without such a moment nothing is shown.
        if !seed.is_multiple_of(8) && !alone() {
            return Ok(());
        }
        let plain = run(seed, Telling::Outputs(None))?;
        for moment in [3, 17, 60] {
            let restored = run(seed, Telling::Outputs(Some(moment)))?;
            if restored.outputs != plain.outputs {
                let at = restored.outputs.iter().zip(&plain.outputs).position(|(a, b)| a != b);
                return Err(format!("restored at quiet moment {moment}, the outputs differ from {at:?} on"));
            }
        }
        Ok(())
    });
}
