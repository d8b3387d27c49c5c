//! Any bytes as what is replayed: states are rebuilt at any time, forwards and backwards, without a panic.

#![no_main]

mod corrected;

use corrected::corrected;
use libfuzzer_sys::fuzz_target;
use recording::Recording;
use replay::Player;

fuzz_target!(|input: &[u8]| {
    let Ok(recording) = Recording::of("fuzzed", corrected(input)) else {
        return;
    };
    let mut player = Player::new(recording);
    let Some((from, to)) = player.range() else { return };
    let middle = from + (to - from) / 2;
    for at in [to, middle, from, to] {
        if let Ok(state) = player.state_at(at) {
            let _ = (state.model.digest(), player.wall_clock(at));
        }
    }
    let _ = player.go_through(|_, _| {});
});
