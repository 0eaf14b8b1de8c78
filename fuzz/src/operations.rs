//! Any sequence of calls: the router keeps its word whatever the host does.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Unstructured};
use lockwait_core::code::Code;
use lockwait_core::observation::{Access, Content, Facts, Hint, Holders, Look, Name, Place, Refusal, Scope, Taken};
use lockwait_core::pickup::{Action, ActionKind, Arrival, Outcome, PickupId};
use lockwait_core::policy::{Companions, Policy};
use lockwait_core::router::{Options, Router};
use lockwait_core::time::{Span, Timestamp};

/// One call of a host.
#[derive(Arbitrary, Debug)]
enum Operation {
    Submit { folder: u8, name: u8 },
    Answer { which: u8, with: Answer },
    Stray { id: u16, with: Answer },
    Hint { id: u16 },
    Cancel { id: u16 },
    Wait { millis: u16 },
    Timeout,
    Lose { folder: u8 },
    Find { folder: u8 },
    Restore,
    Stop,
}

#[derive(Arbitrary, Debug)]
enum Answer {
    Opened { size: u8, content: u8, companions: u8 },
    Refused { code: u8, folder: bool, size: Option<u8> },
    Taken,
    Changed,
    Holders,
    Rejected,
    Quarantined,
}

impl Answer {
    fn outcome(&self) -> Outcome {
        let facts = |size: u8| Facts { size: size.into(), modified: size.into(), identity: 1 };
        match *self {
            Answer::Opened { size, content, companions } => Outcome::Opened(Look {
                facts: facts(size),
                content: [Content::Unknown, Content::Complete, Content::Incomplete][usize::from(content % 3)],
                companions: (0..companions % 4).map(|n| place(n ^ size, n)).collect(),
                ..Look::default()
            }),
            Answer::Refused { code, folder, size } => Outcome::Refused(Refusal {
                scope: if folder { Scope::Folder } else { Scope::File },
                facts: size.map(facts),
                access: Access::Write,
                // Locks, absence, networks, full disks, faults, refusals, nonsense.
                ..Refusal::new(Code::win32([32, 33, 5, 2, 53, 112, 8, 23, 1326, 995, 99_999][usize::from(code % 11)]))
            }),
            Answer::Taken => Outcome::Taken(Taken::default()),
            Answer::Changed => Outcome::Changed(None),
            Answer::Holders => Outcome::Holders(Holders::Found(Vec::new())),
            Answer::Rejected => Outcome::Rejected(Code::CONTENT_REJECTED),
            Answer::Quarantined => Outcome::Quarantined(Name::from("/bad")),
        }
    }
}

fn place(folder: u8, name: u8) -> Place {
    let folder = ["/a", "/b"][usize::from(folder % 2)];
    let name = match name % 12 {
        n @ 0..4 => format!("{n}.API"),
        n @ 4..8 => format!("{}.dat", n % 4),
        n => format!("{}.dat.done", n % 4),
    };
    Place::new(folder, name.as_str())
}

/// See the module. Panics when a rule is broken.
pub fn operations(data: &[u8]) {
    let mut source = Unstructured::new(data);
    let Ok(setup) = u8::arbitrary(&mut source) else { return };
    let companions =
        [Companions::None, Companions::Gateway, Companions::Suffix(".done".into())][usize::from(setup % 3)].clone();
    let policy = Policy {
        companions,
        at_once: 1 + u32::from(setup / 3 % 5),
        settle: if setup > 128 { Span::ZERO } else { Span::from_secs(1) },
        patience: Span::from_secs(2),
        give_up: (setup % 7 == 0).then_some(Span::from_secs(100)),
        ..Policy::default()
    };
    let limit = policy.at_once as usize;
    let mut router = Router::new(Options { policy, quarantine: setup % 2 == 0, seed: setup.into() });
    let mut now = Timestamp(1_000_000);
    let mut outstanding: BTreeMap<PickupId, Action> = BTreeMap::new();
    let mut ended: Vec<PickupId> = Vec::new();
    // An exhausted source goes on giving zeros.
    while !source.is_empty() {
        let Ok(operation) = Operation::arbitrary(&mut source) else { break };
        match operation {
            Operation::Submit { folder, name } => {
                let id = router.submit(now, Arrival { place: place(folder, name) });
                assert!(!ended.contains(&id), "an id was used again");
            }
            Operation::Answer { which, with } => {
                let Some(id) = outstanding.keys().nth(usize::from(which) % outstanding.len().max(1)).copied() else {
                    continue;
                };
                if router.handle(now, id, with.outcome()).is_ok() {
                    outstanding.remove(&id);
                }
            }
            Operation::Stray { id, with } => {
                let id = PickupId(id.into());
                if !outstanding.contains_key(&id) {
                    assert!(router.handle(now, id, with.outcome()).is_err(), "an answer that was not asked for");
                }
            }
            Operation::Hint { id } => router.hint(now, PickupId(id.into()), Hint::Closed),
            Operation::Cancel { id } => router.cancel(now, PickupId(id.into())),
            Operation::Wait { millis } => now = now + Span::from_millis(millis.into()),
            Operation::Timeout => router.handle_timeout(now),
            Operation::Lose { folder } => router.folder_lost(now, &place(folder, 0).folder, Code::win32(53)),
            Operation::Find { folder } => router.folder_found(now, &place(folder, 0).folder),
            Operation::Restore => {
                router = Router::restore(&router.snapshot()).expect("its own snapshot");
                outstanding.clear();
            }
            Operation::Stop => {
                router.stop(now);
            }
        }
        while let Some(event) = router.poll_event() {
            if event.end.is_some() {
                let id = event.id.expect("an end is some pickup's");
                assert!(!ended.contains(&id), "a second end");
                assert!(!outstanding.contains_key(&id), "an end before the answer");
                assert!(router.view(id).is_none(), "an end that is none");
                ended.push(id);
            }
        }
        while let Some(action) = router.poll_action() {
            assert!(router.view(action.id).is_some(), "an action for nobody");
            assert!(outstanding.insert(action.id, action).is_none(), "two actions for one pickup");
            // Asking who holds a file takes no other action's place.
            let counted = outstanding.values().filter(|action| action.kind != ActionKind::Identify).count();
            assert!(counted <= limit, "more actions than allowed");
        }
    }
    router.stop(now);
    for id in outstanding.into_keys() {
        let gone = || Outcome::Refused(Refusal::new(Code::errno(125)));
        let _ = router.handle(now, id, gone()).or_else(|_| router.handle(now, id, Answer::Holders.outcome()));
    }
    assert!(router.is_empty(), "stopped, answered, and still there");
}
