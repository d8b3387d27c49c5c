use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::client_session::{Arrival, ClientSession};
use crate::image::Image;
use wire::PeIdentifier;
use wire::fractal_generator::{Algorithm, Complex};

const PICTURE: Parameter = Parameter {
    width: 60,
    height: 50,
    max_iterations: 100,
    algorithm: Algorithm::Mandelbrot,
    c1: Complex { re: -0.8, im: 1.3 },
    c2: Complex { re: 1.8, im: -1.3 },
    n: 2.0,
};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn asked(settings: Settings) -> ServerSession {
    let mut session = ServerSession::new(settings);
    session
        .handle_message(ms(0), &Message::Parameter(PICTURE).encode())
        .unwrap();
    session
}

fn sent(session: &mut ServerSession) -> Vec<Outgoing> {
    std::iter::from_fn(|| session.poll_send()).collect()
}

/// Returns the position of a cookie, or first pixel and number of pixels of a message.
fn positions(outgoing: &[Outgoing]) -> Vec<String> {
    outgoing
        .iter()
        .map(|outgoing| match outgoing {
            Outgoing::Cookie(cookie) => format!("cookie {}", cookie.current_y * 60 + cookie.current_x),
            Outgoing::Message(Message::Data(data)) => {
                format!("data {}+{}", data.start_y * 60 + data.start_x, data.pixels.len())
            }
            Outgoing::Message(message) => message.to_string(),
        })
        .collect()
}

fn work(session: &mut ServerSession, now: Duration) -> Work {
    match session.next_work(now) {
        Next::Work(work) => work,
        other => panic!("no work but {other:?}"),
    }
}

/// Does work until there is none at `now`; each piece takes no time.
fn work_off(session: &mut ServerSession, now: Duration) -> Vec<Outgoing> {
    let mut outgoing = sent(session);
    while let Next::Work(work) = session.next_work(now) {
        session.handle_computed(now, work.compute());
        outgoing.extend(sent(session));
    }
    outgoing
}

#[test]
fn the_cookie_comes_first_and_the_first_pixels_follow_at_once() {
    let mut session = asked(Settings::default());
    assert_eq!(positions(&sent(&mut session)), ["cookie 0"]);
    let work = work(&mut session, ms(1));
    assert_eq!(
        session.next_work(ms(1)),
        Next::Wait,
        "one piece of work at a time"
    );
    session.handle_computed(ms(2), work.compute());
    assert_eq!(positions(&sent(&mut session)), ["data 0+32"]);
}

#[test]
fn a_picture_ends_with_the_finalizer_and_the_session_takes_the_next() {
    let mut session = asked(Settings::default());
    let outgoing = positions(&work_off(&mut session, ms(0)));
    assert_eq!(outgoing.first().unwrap(), "cookie 0");
    assert_eq!(outgoing[2], "data 32+324");
    assert_eq!(outgoing.last().unwrap(), "picture complete");
    assert!(!session.is_computing());
    assert_eq!(
        (session.next_work(ms(1)), session.poll_timeout()),
        (Next::Wait, None)
    );
    session
        .handle_message(ms(2), &Message::Parameter(PICTURE).encode())
        .unwrap();
    assert!(session.is_computing());
}

#[test]
fn pixels_and_cookie_go_out_in_time_even_if_there_are_few() {
    let mut session = asked(Settings::demo());
    let first = work(&mut session, ms(0));
    session.handle_computed(ms(1), first.compute());
    let second = work(&mut session, ms(2));
    sent(&mut session);
    // The second piece takes long: there is nothing to send but the cookie.
    assert_eq!(session.poll_timeout(), Some(ms(250)));
    session.handle_timeout(ms(250));
    assert_eq!(positions(&sent(&mut session)), ["cookie 32"]);
    session.handle_computed(ms(260), Work { count: 20, ..second }.compute());
    assert_eq!(positions(&sent(&mut session)), ["data 32+20"]);
}

#[test]
fn collected_pixels_are_sent_before_the_cookie() {
    let mut session = asked(Settings {
        cookie_max_time: ms(50),
        ..Settings::default()
    });
    let first = work(&mut session, ms(0));
    session.handle_computed(ms(1), first.compute());
    let second = work(&mut session, ms(2));
    session.handle_computed(ms(3), Work { count: 20, ..second }.compute());
    sent(&mut session);
    assert_eq!(session.poll_timeout(), Some(ms(50)));
    session.handle_timeout(ms(50));
    assert_eq!(positions(&sent(&mut session)), ["data 32+20", "cookie 52"]);
}

#[test]
fn a_cookie_is_due_after_so_many_messages() {
    let mut session = asked(Settings {
        cookie_max_packets: 3,
        ..Settings::default()
    });
    let outgoing = positions(&work_off(&mut session, ms(0)));
    let expected = [
        "cookie 0",
        "data 0+32",
        "data 32+324",
        "data 356+324",
        "data 680+128",
        "cookie 808",
    ];
    assert_eq!(outgoing[..6], expected);
}

#[test]
fn a_stop_sends_what_there_is_and_a_last_cookie() {
    let mut session = asked(Settings::default());
    let first = work(&mut session, ms(0));
    session.handle_computed(ms(1), first.compute());
    let second = work(&mut session, ms(2));
    session.handle_computed(ms(3), Work { count: 20, ..second }.compute());
    let late = work(&mut session, ms(4));
    sent(&mut session);
    session.shut_down(ms(5));
    session.handle_computed(ms(6), late.compute());
    assert_eq!(positions(&sent(&mut session)), ["data 32+20", "cookie 52"]);
    assert_eq!(session.next_work(ms(7)), Next::Done(Outcome::ShutDown));
    session.shut_down(ms(8));
    assert_eq!(session.poll_send(), None);
}

#[test]
fn the_failure_test_breaks_off_after_so_many_messages() {
    let mut session = asked(Settings {
        fail_after: 2,
        ..Settings::default()
    });
    let outgoing = positions(&work_off(&mut session, ms(0)));
    assert_eq!(outgoing, ["cookie 0", "data 0+32", "data 32+324", "cookie 356"]);
    assert_eq!(session.next_work(ms(1)), Next::Done(Outcome::FailureTest));
}

#[test]
fn a_session_whose_messages_nobody_takes_stops_computing() {
    let mut session = asked(Settings {
        cookie_max_time: ms(1),
        ..Settings::default()
    });
    let mut now = ms(0);
    while let Next::Work(work) = session.next_work(now) {
        session.handle_computed(now, Work { count: 1, ..work }.compute());
        session.handle_timeout(now);
        now += ms(1);
    }
    assert!(session.is_computing());
    for _ in 0..1000 {
        now += ms(10);
        session.handle_timeout(now);
    }
    assert!(sent(&mut session).len() <= 2 * ServerSession::MOST_WAITING + 2);
    assert!(matches!(session.next_work(now), Next::Work(_)));
}

#[test]
fn a_limited_session_waits_for_its_allowance() {
    let mut session = asked(Settings {
        iterations_per_second: 1000,
        ..Settings::default()
    });
    let first = work(&mut session, ms(0));
    let computed = first.compute();
    let due = Duration::from_secs_f64(computed.iterations as f64 / 1000.0);
    session.handle_computed(ms(1), computed);
    assert_eq!(session.next_work(ms(2)), Next::WaitUntil(due));
    assert!(work(&mut session, due).count < 32);
}

#[test]
fn unacceptable_requests_are_refused() {
    let mut session = ServerSession::new(Settings::default());
    let too_big = Message::Parameter(Parameter {
        width: 65537,
        ..PICTURE
    })
    .encode();
    assert!(matches!(
        session.handle_message(ms(0), &too_big),
        Err(Refusal::Malformed(_))
    ));
    assert!(matches!(
        session.handle_message(ms(0), &[]),
        Err(Refusal::Malformed(_))
    ));
    assert!(matches!(
        session.handle_cookie_echo(ms(0), b"<FG-TD1>"),
        Err(Refusal::Malformed(_))
    ));
    let finalizer = Message::Finalizer.encode();
    assert_eq!(
        session.handle_message(ms(0), &finalizer),
        Err(Refusal::WrongDirection("FGP_DATA"))
    );
    let mut session = asked(Settings::default());
    let again = Message::Parameter(PICTURE).encode();
    assert_eq!(session.handle_message(ms(1), &again), Err(Refusal::Busy));
}

#[test]
fn only_the_first_request_can_be_a_cookie_echo() {
    let cookie = StateCookie {
        parameter: PICTURE,
        current_x: 30,
        current_y: 10,
    };
    let mut session = ServerSession::new(Settings::default());
    session.handle_cookie_echo(ms(0), &cookie.encode()).unwrap();
    assert_eq!(positions(&sent(&mut session)), ["cookie 630"]);
    let earlier = StateCookie {
        current_y: 0,
        ..cookie
    };
    session.handle_cookie_echo(ms(1), &earlier.encode()).unwrap();
    assert_eq!(work(&mut session, ms(2)).position, 630);
}

#[test]
fn the_cookie_of_a_finished_picture_leads_to_the_finalizer() {
    let cookie = StateCookie {
        parameter: PICTURE,
        current_x: 0,
        current_y: 50,
    };
    let mut session = ServerSession::new(Settings::default());
    session.handle_cookie_echo(ms(0), &cookie.encode()).unwrap();
    assert_eq!(
        positions(&sent(&mut session)),
        ["cookie 3000", "picture complete"]
    );
}

/// One pool user, and pool elements that die one after the other: each after a number of steps, when a number of the
/// messages that it had passed to its association are lost. Returns the picture and the number of repeated pixels.
fn with_failovers(settings: &Settings, deaths: &[(u32, usize)]) -> (Image, u64) {
    let mut image = Image::new(&PICTURE, 1).unwrap();
    let mut client = ClientSession::new(Default::default(), PICTURE);
    let (mut cookie, mut repeated, mut now) = (None::<Vec<u8>>, 0, ms(0));
    let lives = deaths.iter().copied().chain([(u32::MAX, 0)]);
    for (number, (steps, lost)) in (0..).zip(lives) {
        let mut server = ServerSession::new(settings.clone());
        client.handle_connected(now, cookie.is_some());
        if let Some(cookie) = &cookie {
            server.handle_cookie_echo(now, cookie).unwrap();
        }
        while let Some(message) = client.poll_send() {
            server.handle_message(now, &message.encode()).unwrap();
        }
        let mut outgoing = Vec::new();
        for _ in 0..steps {
            outgoing.extend(sent(&mut server));
            match server.next_work(now) {
                Next::Work(work) => {
                    now += ms(3);
                    server.handle_computed(now, work.compute());
                }
                Next::WaitUntil(time) => now = time.min(server.poll_timeout().unwrap_or(time)),
                Next::Wait | Next::Done(_) => break,
            }
            if server.poll_timeout().is_some_and(|time| time <= now) {
                server.handle_timeout(now);
            }
        }
        outgoing.extend(sent(&mut server));
        let arrive = if steps == u32::MAX {
            outgoing.len()
        } else {
            outgoing.len().saturating_sub(lost)
        };
        for outgoing in outgoing.into_iter().take(arrive) {
            match outgoing {
                Outgoing::Cookie(latest) => cookie = Some(latest.encode()),
                Outgoing::Message(message) => {
                    if let Arrival::Pixels { data, .. } = client.handle_message(now, &message.encode()) {
                        repeated += image.place(0, &data, PeIdentifier(number)).repeated;
                    }
                }
            }
        }
        client.handle_disconnected();
        if client.is_complete() {
            break;
        }
    }
    assert!(client.is_complete());
    assert_eq!(client.missing(), image.missing());
    (image, repeated)
}

#[test]
fn a_failover_repeats_no_more_than_what_came_after_the_cookie() {
    let settings = Settings {
        cookie_max_packets: 2,
        ..Settings::demo()
    };
    let (image, repeated) = with_failovers(&settings, &[(6, 1), (6, 1)]);
    assert_eq!(image.differences(&image.computed_undisturbed()), 0);
    assert!(repeated <= 2 * 2 * 324, "{repeated}");
    assert_eq!(image.pool_elements().len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn no_pixel_is_lost_by_failovers(
        deaths in prop::collection::vec((0..40_u32, 0..20_usize), 0..6),
        speed in prop::sample::select(vec![0, 20_000, 1_000_000]),
        cookie_max_packets in 1..12_u32,
        cookie_max_time in 1..300_u64,
        data_max_time in 1..300_u64,
    ) {
        let settings = Settings {
            iterations_per_second: speed,
            cookie_max_packets,
            cookie_max_time: ms(cookie_max_time),
            data_max_time: ms(data_max_time),
            ..Settings::default()
        };
        let (image, _) = with_failovers(&settings, &deaths);
        prop_assert_eq!(image.missing(), 0);
        prop_assert_eq!(image.differences(&image.computed_undisturbed()), 0);
    }

    #[test]
    fn any_bytes_get_a_defined_answer(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let mut session = ServerSession::new(Settings::default());
        let _ = session.handle_message(ms(0), &bytes);
        let _ = session.handle_cookie_echo(ms(0), &bytes);
        let mut client = ClientSession::new(Default::default(), PICTURE);
        client.handle_connected(ms(0), false);
        let _ = client.handle_message(ms(0), &bytes);
    }
}

#[test]
fn completed_pictures_are_counted_once() {
    let mut session = asked(Settings::default());
    assert_eq!(session.take_completed(), 0);
    work_off(&mut session, ms(1));
    assert_eq!(session.take_completed(), 1);
    assert_eq!(session.take_completed(), 0);
}
