//! A scene on the wire, in SMB2: every machine's opens with their masks, nobody's program.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use lockwait_core::observation::Access;
use lockwait_evidence::make::capture::{Wire, pcap};
use lockwait_evidence::make::smb::{
    Ask, Client, DELETE, File, LOOK, NOT_FOUND, READ, SHARING_VIOLATION, SUCCESS, WRITE,
};

use super::truth::{Cause, Deed, Scene, Who};

/// STATUS_BAD_NETWORK_PATH.
const BAD_NETWORK_PATH: u32 = 0xc000_00be;
/// How many bytes a write has here; scenes tell where it ends.
const PART: u64 = 64;

pub(crate) fn render(scene: &Scene) -> Vec<u8> {
    let begin = scene.steps.first().map(|step| step.at).unwrap_or_default();
    let mut wire = Wire::new(begin);
    let server = SocketAddr::from(([10, 1, 0, 9], 445));
    let mut clients: BTreeMap<Who, Client> = BTreeMap::new();
    let mut files: BTreeMap<(Who, u64), File> = BTreeMap::new();
    for step in &scene.steps {
        if step.at > wire.now {
            wire.wait(step.at.since(wire.now));
        }
        let client = clients.entry(step.who).or_insert_with(|| {
            let (user, machine, host) = match step.who {
                Who::Taker => ("taker", "GATEWAY", 5),
                Who::Writer => ("sender", "EDISRV", 6),
                Who::Holder => ("svc", "ADMIN01", 7),
            };
            let address = SocketAddr::from(([10, 1, 0, host], 40_000 + u16::from(host)));
            Client::connect(&mut wire, address, server, r"\\drop01\edi", user, machine)
        });
        let name = format!(r"API_OUT\{}", scene.file(step.file));
        let key = (step.who, step.file);
        match step.deed {
            Deed::Open(access, share) => {
                let file = client.open(&mut wire, &name, Ask { access: rights(access), share }, SUCCESS);
                files.insert(key, file);
            }
            Deed::Write(end) => {
                if let Some(file) = files.get(&key) {
                    client.write(&mut wire, *file, end - PART, PART as u32, SUCCESS);
                }
            }
            Deed::Close => files.remove(&key).into_iter().for_each(|file| client.close(&mut wire, file)),
            Deed::Refused => {
                let status = if scene.cause == Cause::Unreachable { BAD_NETWORK_PATH } else { SHARING_VIOLATION };
                client.open(&mut wire, &name, Ask { access: READ | DELETE, share: 7 }, status);
            }
            Deed::Take => {
                let file = client.open(&mut wire, &name, Ask { access: READ | DELETE, share: 7 }, SUCCESS);
                client.read(&mut wire, file, 0, PART as u32, SUCCESS);
                client.delete(&mut wire, file, SUCCESS);
                client.close(&mut wire, file);
            }
            Deed::Delete => files.get(&key).into_iter().for_each(|file| client.delete(&mut wire, *file, SUCCESS)),
            Deed::Other => {
                client.open(&mut wire, r"API_OUT\none.tmp", Ask { access: LOOK, share: 7 }, NOT_FOUND);
            }
            Deed::GiveUp => {}
        }
    }
    pcap(&wire.frames)
}

fn rights(access: Access) -> u32 {
    match access {
        Access::Unknown => LOOK,
        Access::Read => READ,
        Access::Write => WRITE,
        Access::ReadWrite => READ | WRITE,
    }
}
