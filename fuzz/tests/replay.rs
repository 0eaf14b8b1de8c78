//! The corpus, and random bytes, through every fuzz target.

use std::fs;
use std::path::Path;

use lockwait_fuzz::TARGETS;
use proptest::prelude::*;

#[test]
fn the_corpus_passes_every_target() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (name, body) in TARGETS {
        let folder = corpus.join(name);
        let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut count = 0;
        for file in files {
            let path = file.expect("a readable folder").path();
            println!("{}", path.display());
            body(&fs::read(&path).expect("a readable file"));
            count += 1;
        }
        assert!(count > 0, "{} is empty", folder.display());
    }
}

proptest! {
    #[test]
    fn random_bytes_pass_every_target(data in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        for (_, body) in TARGETS {
            body(&data);
        }
    }
}
