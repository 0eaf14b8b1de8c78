//! Runs one story: a router in a world, with latencies, hints that come late or never, and answers that come twice.

use std::collections::BTreeMap;

use lockwait_core::code::Code;
use lockwait_core::event::Event;
use lockwait_core::observation::{Hint, Place};
use lockwait_core::pickup::{Action, Arrival, Outcome, PickupId};
use lockwait_core::policy::{Companions, Policy};
use lockwait_core::router::{Digest, Options, Router};
use lockwait_core::time::{Span, Timestamp};
use lockwait_core::trace::{self, Input};

use crate::random::Random;
use crate::rules::{Rules, Totals};
use crate::world::{START, World};

/// What a story left behind.
pub(crate) struct Story {
    pub(crate) trace: String,
    pub(crate) outputs: Vec<String>,
    pub(crate) digest: Option<Digest>,
    pub(crate) totals: Totals,
}

/// Something that is going to happen.
enum Coming {
    Arrival(Place),
    Answer(Action, Place),
    Hint(Place, Hint),
    Repeated(PickupId, Outcome),
    Cancel(Place),
}

/// The longest story: more than any lock in it that ends.
const END: Span = Span::from_secs(2 * 3_600);
/// More steps than any story needs: one that goes on for ever fails instead of hanging.
const STEPS: usize = 400_000;

struct Run {
    router: Router,
    now: Timestamp,
    coming: BTreeMap<(Timestamp, u64), Coming>,
    order: u64,
    random: Random,
    trace: String,
    outputs: Vec<String>,
    quiet_moments: usize,
    telling: Telling,
}

/// What a run keeps besides watching the rules.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    /// Nothing.
    Brief,
    /// The trace.
    Traced,
    /// The outputs; at the n-th quiet moment, the router is replaced by its restored snapshot.
    Outputs(Option<usize>),
}

/// Runs the story of `seed`.
pub(crate) fn run(seed: u64, telling: Telling) -> Result<Story, String> {
    let mut random = Random::new(seed);
    let mut world = World::new(&mut random);
    let policy = policy(&mut random);
    let mut router = Router::new(Options { policy: policy.clone(), quarantine: random.chance(70), seed });
    let trace = if telling == Telling::Traced { trace::begin(&mut router) + "\n" } else { String::new() };
    let mut rules = Rules::new(&policy, router.options().quarantine, world.latency, world.files.len());
    let mut run = Run {
        router,
        now: START,
        coming: BTreeMap::new(),
        order: 0,
        random,
        trace,
        telling,
        outputs: Vec::new(),
        quiet_moments: 0,
    };
    run.foretell(&world);
    run.input(Input::Started)?;
    for _ in 0..STEPS {
        run.drain(&mut world, &mut rules)?;
        let quiet = rules.is_quiet();
        run.quiet_moments += usize::from(quiet);
        if quiet && telling == Telling::Outputs(Some(run.quiet_moments)) {
            run.restore()?;
        }
        let timer = run.router.poll_timeout();
        let next = run.coming.keys().next().map(|(at, _)| *at);
        let Some(at) = [timer, next].into_iter().flatten().min().filter(|at| at.since(START) < END) else {
            run.stop(&mut world, &mut rules)?;
            rules.at_the_end(&run.router)?;
            let digest = run.router.digest();
            return Ok(Story { trace: run.trace, outputs: run.outputs, digest, totals: rules.totals() });
        };
        run.now = run.now.max(at);
        if next == Some(at) {
            if let Some((_, coming)) = run.coming.pop_first() {
                run.happen(coming, &mut world, &mut rules)?;
            }
        } else {
            run.input(Input::Timeout)?;
        }
    }
    Err("the story does not end".into())
}

fn policy(random: &mut Random) -> Policy {
    let mut policy = Policy { companions: Companions::Gateway, ..Policy::default() };
    if random.chance(40) {
        policy.at_once = random.between(1, 8) as u32;
    }
    if random.chance(30) {
        policy.settle = Span::ZERO;
    }
    if random.chance(30) {
        policy.patience = Span::from_secs(random.between(2, 60));
    }
    if random.chance(30) {
        policy.reminder = Span::from_secs(random.between(60, 600));
    }
    if random.chance(10) {
        policy.give_up = Some(Span::from_secs(random.between(30, 4_000)));
    }
    policy
}

impl Run {
    fn later(&mut self, at: Timestamp, coming: Coming) {
        self.order += 1;
        self.coming.insert((at.max(self.now), self.order), coming);
    }

    /// Arrivals, true hints, late ones, and some about nothing.
    fn foretell(&mut self, world: &World) {
        for file in &world.files {
            // Members of messages are not submitted: their header names them.
            if !file.place.folder.as_bytes().ends_with(b"ATT_OUT") {
                let delay = Span(self.random.between(0, 2_000));
                self.later(file.arrives + delay, Coming::Arrival(file.place.clone()));
            }
            let ends = file.locks.iter().map(|((_, until), _)| *until);
            for at in ends.chain(file.vanishes).filter(|at| at.since(START) < END) {
                if self.random.chance(60) {
                    let delay = Span(self.random.between(0, 3_000));
                    self.later(at + delay, Coming::Hint(file.place.clone(), Hint::Closed));
                }
            }
            if self.random.chance(10) {
                let at = START + Span(self.random.between(0, 60_000_000));
                self.later(at, Coming::Hint(file.place.clone(), Hint::Changed));
            }
            if self.random.chance(3) {
                let at = START + Span(self.random.between(0, 60_000_000));
                self.later(at, Coming::Cancel(file.place.clone()));
            }
        }
    }

    fn happen(&mut self, coming: Coming, world: &mut World, rules: &mut Rules) -> Result<(), String> {
        match coming {
            Coming::Arrival(place) => {
                if self.router.find(&place).is_none() {
                    rules.submitted(self.now, &place);
                }
                self.input(Input::Submit(Arrival { place }))?;
            }
            Coming::Hint(place, hint) => {
                if let Some(id) = self.router.find(&place) {
                    self.input(Input::Hint(id, hint))?;
                }
            }
            Coming::Cancel(place) => {
                if let Some(id) = self.router.find(&place) {
                    self.input(Input::Cancel(id))?;
                }
            }
            Coming::Answer(action, place) => {
                let from = rules.asked_at(action.id)?;
                let outcome = world.carry_out(&place, action.kind, from, self.now);
                rules.answered(action, &outcome)?;
                self.input(Input::Answer(action.id, outcome.clone()))?;
                if self.random.chance(1) {
                    let late = self.now + Span(self.random.between(0, 1_000_000));
                    self.later(late, Coming::Repeated(action.id, outcome));
                }
            }
            Coming::Repeated(id, outcome) => {
                // Unless the router has just asked again, the answer must be refused and change nothing.
                if !rules.is_outstanding(id) {
                    let before = (self.router.snapshot(), self.router.digest());
                    if self.router.handle(self.now, id, outcome).is_ok() {
                        return Err(format!("a repeated answer for {id:?} was accepted"));
                    }
                    if before != (self.router.snapshot(), self.router.digest()) {
                        return Err("a refused answer changed the router".into());
                    }
                }
            }
        }
        Ok(())
    }

    fn drain(&mut self, world: &mut World, rules: &mut Rules) -> Result<(), String> {
        while let Some(event) = self.router.poll_event() {
            self.keep(|| event.to_json());
            self.told(&event, rules)?;
        }
        while let Some(action) = self.router.poll_action() {
            let place = self.router.view(action.id).ok_or("an action for a pickup that has ended")?.place();
            rules.asked(self.now, action, &place, world)?;
            self.keep(|| format!("{action:?}"));
            let takes = Span(self.random.between(0, world.latency));
            self.later(self.now + takes, Coming::Answer(action, place));
        }
        Ok(())
    }

    fn keep(&mut self, output: impl FnOnce() -> String) {
        if matches!(self.telling, Telling::Outputs(_)) {
            self.outputs.push(output());
        }
    }

    fn told(&mut self, event: &Event, rules: &mut Rules) -> Result<(), String> {
        if event.text().contains('\n') {
            return Err("an event's text has more than one line".into());
        }
        rules.told(self.now, event)
    }

    /// Stops the router while locks are held; what is outstanding is answered, and nothing new may be asked.
    fn stop(&mut self, world: &mut World, rules: &mut Rules) -> Result<(), String> {
        self.now = self.now + Span(1);
        self.input(Input::Stop)?;
        rules.stopped();
        self.drain(world, rules)?;
        while let Some(((at, _), coming)) = self.coming.pop_first() {
            self.now = self.now.max(at);
            if let Coming::Answer(action, _) = coming {
                let outcome = Outcome::Refused(lockwait_core::observation::Refusal::new(Code::errno(125)));
                let answer = match action.kind {
                    lockwait_core::pickup::ActionKind::Identify => Outcome::Holders(Default::default()),
                    _ => outcome,
                };
                rules.answered(action, &answer)?;
                self.input(Input::Answer(action.id, answer))?;
                self.drain(world, rules)?;
            }
        }
        self.input(Input::Stopped)?;
        self.drain(world, rules)
    }

    fn input(&mut self, input: Input) -> Result<(), String> {
        let result = if self.telling == Telling::Traced {
            let (line, result) = trace::record(&mut self.router, self.now, input);
            self.trace.push_str(&line);
            self.trace.push('\n');
            result
        } else {
            input.apply(&mut self.router, self.now)
        };
        result.map(|_| ()).map_err(|error| format!("at {}: {error}", self.now))
    }

    fn restore(&mut self) -> Result<(), String> {
        let snapshot = self.router.snapshot();
        self.router = Router::restore(&snapshot).map_err(|error| error.to_string())?;
        (self.router.snapshot() == snapshot).then_some(()).ok_or_else(|| "a restored router differs".into())
    }
}
