//! Real component processes: tests of their interaction.
//!
//! The processes run this very program, hence the tests have a `main` of their own.

mod calc_app;
mod miser;
mod packets;
mod pictures;
mod stamps;
mod unread_feed;
mod work;

use std::path::PathBuf;

use laboratory::Lab;
use libtest_mimic::{Arguments, Trial};

fn main() {
    let (program, _) = laboratory::begin();
    let arguments = Arguments::from_args();
    let tests = [
        calc_app::TESTS,
        packets::TESTS,
        pictures::TESTS,
        stamps::TESTS,
        unread_feed::TESTS,
        work::TESTS,
    ];
    let trials = tests
        .concat()
        .into_iter()
        .map(|test| test.trial(&program))
        .collect();
    libtest_mimic::run(&arguments, trials).exit();
}

/// A test with a lab of its own.
#[derive(Clone, Copy)]
struct Test {
    name: &'static str,
    run: fn(&Lab),
}

impl Test {
    fn trial(self, program: &PathBuf) -> Trial {
        let lab = Lab::new(program);
        Trial::test(self.name, move || {
            (self.run)(&lab);
            Ok(())
        })
    }
}

/// Lists the tests of a file by function name.
macro_rules! tests {
    ($($name:ident),* $(,)?) => {
        pub(crate) const TESTS: &[crate::Test] = &[$(crate::Test {
            name: stringify!($name),
            run: $name,
        }),*];
    };
}
use tests;
