//! The pixel values in real traffic of rsplib are the same as ours.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is a test, also outside of #[test] functions"
)]

#[path = "../../wire/tests/captures/extract.rs"]
mod extract;

use extract::Carrier;
use fractal::compute::Picture;
use wire::Ppid;
use wire::fractal_generator::Message;

const CAPTURES: [&str; 5] = [
    "c-fractal-session.pcap",
    "d-failover-clean.pcap",
    "d-failover-failureafter.pcap",
    "d-failover-hostdown.pcap",
    "d-failover-kill9.pcap",
];

#[test]
fn all_captured_pixel_values_are_reproduced() {
    let mut compared = 0;
    for capture in CAPTURES {
        let mut picture = None;
        let mut computed = Vec::new();
        for captured in extract::messages(capture) {
            if captured.carrier != Carrier::Sctp(Ppid::FRACTAL_GENERATOR) {
                continue;
            }
            let from = format!(
                "{capture}, frame {}, {} to {}",
                captured.frame, captured.source, captured.destination
            );
            match Message::decode(&captured.payload).expect(&from) {
                Message::Parameter(parameter) => picture = Some(Picture::new(&parameter).expect(&from)),
                Message::Data(data) => {
                    // Each capture has one session with a single request: failovers use cookies.
                    let picture = picture.as_ref().expect(&from);
                    assert!(data.fits(picture.parameter()), "{from}");
                    let row = u64::from(data.start_y) * u64::from(picture.parameter().width);
                    picture.compute(row + u64::from(data.start_x), data.pixels.len(), &mut computed);
                    assert_eq!(computed, data.pixels, "{from}");
                    compared += computed.len();
                }
                Message::Finalizer => {}
            }
        }
    }
    assert_eq!(compared, 37_699);
}
